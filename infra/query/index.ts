export { EventTable, type EventTableProps } from './event-table.ts';
export { FailedEventsTable, type FailedEventsTableProps } from './failed-events-table.ts';
export { QueryWorkgroup, type QueryWorkgroupProps } from './query-workgroup.ts';
