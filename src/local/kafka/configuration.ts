import { join } from 'node:path';
import { type Layout, STORAGE } from './layout.ts';
import type { Ports } from './ports.ts';

/** Largest record batch the broker takes: an 8 MiB record and what surrounds it. Topics may allow less. */
const MESSAGE_MAX_BYTES = 9 * 1024 * 1024;

/**
 * The settings of a single node that is broker and controller, on the loopback interface.
 *
 * @param storage `log.dirs` is a comma-separated list in an escaped file, so it is given relative to the process's
 *   working folder: any path of the data folder will do then, and the folder may be moved.
 */
export function serverSettings(ports: Ports, storage = STORAGE): Record<string, string | number | boolean> {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.client}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': storage,
    // One node cannot replicate.
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // The defaults are 50 partitions each, which cost start-up and shutdown time.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.num.partitions': 4,
    'auto.create.topics.enable': false,
    // Committed offsets of a laptop that was closed for the holidays are still wanted afterwards: 90 days.
    'offsets.retention.minutes': 129_600,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'message.max.bytes': MESSAGE_MAX_BYTES,
    'replica.fetch.max.bytes': MESSAGE_MAX_BYTES,
    // A clock that was set back must not hold up what had been accepted before.
    'log.message.timestamp.after.max.ms': '9223372036854775807',
  };
}

export function serverProperties(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The broker's log: a new file at every start and every 5 MB, and the three files before it, the latest as `.1`. */
export function log4jProperties(): string {
  return [
    'status=error',
    'appender.file.type=RollingFile',
    'appender.file.name=file',
    'appender.file.fileName=logs/broker.log',
    'appender.file.filePattern=logs/broker.log.%i',
    'appender.file.layout.type=PatternLayout',
    'appender.file.layout.pattern=%d{ISO8601} %-5p %m (%c{1})%n',
    'appender.file.policies.type=Policies',
    'appender.file.policies.startup.type=OnStartupTriggeringPolicy',
    'appender.file.policies.size.type=SizeBasedTriggeringPolicy',
    'appender.file.policies.size.size=5MB',
    'appender.file.strategy.type=DefaultRolloverStrategy',
    'appender.file.strategy.max=3',
    'appender.file.strategy.fileIndex=min',
    // It would write down hundreds of settings, several times at every start, and last when a start fails.
    'logger.config.name=org.apache.kafka.common.config.AbstractConfig',
    'logger.config.level=warn',
    'rootLogger.level=info',
    'rootLogger.appenderRef.file.ref=file',
    '',
  ].join('\n');
}

/** What every Java process of a broker is given: where to log, and the class path. */
export function javaArguments(layout: Layout, libs: string): string[] {
  // Java itself expands the asterisk.
  const classPath = ['-cp', join(libs, '*')];
  return [`-Dlog4j2.configurationFile=${layout.log4jProperties}`, '-Djava.awt.headless=true', ...classPath];
}
