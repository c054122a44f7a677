export { SharedMonitoring, type SharedMonitoringProps } from './shared-monitoring.ts';
export { TypeMonitoring, type TypeMonitoringProps } from './type-monitoring.ts';
