/** Problems belong to every host of the edge, and to what is derived for API Gateway, which knows no stage. */
export { PROBLEM_TYPE, type Problem, problemOfError, problemOfFaults, statusOf } from '../derive/problem.ts';
