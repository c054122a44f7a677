import { servePipeline } from './pipeline-thread.ts';

await servePipeline();
