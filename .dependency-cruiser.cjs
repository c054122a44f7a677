/** The direction of dependencies, as docs/architecture.md draws it. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: '^(src|samples|infra|contracts|test|bench)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle has no first file to read.',
      from: {},
      to: { circular: true },
    },
    only('errors-know-nothing', '^src/errors\\.ts$', '^$', 'Error codes are the lowest layer.'),
    only('schema-is-the-root', '^src/schema/', '^src/(schema/|errors\\.ts$)', 'Everything is derived from schemas.'),
    only(
      'derive-sees-schema',
      '^src/derive/',
      '^src/(derive/|schema/|errors\\.ts$)',
      'Artefacts are pure functions of a history.',
    ),
    only(
      'codec-sees-schema',
      '^src/codec/',
      '^src/(codec/|derive/|schema/|errors\\.ts$)',
      'Transcoders are compiled from a history.',
    ),
    only(
      'compatibility-sees-codec',
      '^src/compatibility/',
      '^src/(compatibility/|codec/|derive/|schema/|errors\\.ts$)',
      'A change is judged by what is derived from it.',
    ),
    only(
      'catalogue-sees-compatibility',
      '^src/catalogue/',
      '^src/(catalogue/|compatibility/|codec/|derive/|schema/|errors\\.ts$)',
      'Pages are pure functions of histories, and say what versions change.',
    ),
    only(
      'infer-sees-codec',
      '^src/infer/',
      '^src/(infer/|codec/|derive/|schema/|errors\\.ts$)',
      'A schema is inferred by what the codec takes.',
    ),
    only(
      'cost-sees-errors',
      '^src/cost/',
      '^src/(cost/|ports/|errors\\.ts$)',
      'What a load costs is arithmetic over two files of figures, and the sizes that ports allow.',
    ),
    only(
      'deploy-sees-schema',
      '^src/deploy/',
      '^src/(deploy/|compatibility/|schema/|derive/|errors\\.ts$)',
      'What a deployment does is told from two sets of templates.',
    ),
    only('client-stands-alone', '^src/client/', '^src/client/', 'The client is copied into the programs of senders.'),
    only('ports-are-shapes', '^src/ports/', '^src/(ports/|schema/|errors\\.ts$)', 'A port is an interface.'),
    only(
      'stages-see-ports',
      '^src/stages/',
      '^src/(stages/|ports/|codec/|derive/|schema/|errors\\.ts$)',
      'A stage never knows its host.',
    ),
    only(
      'adapters-see-ports',
      '^src/adapters/',
      '^src/(adapters/|ports/|schema/|errors\\.ts$)',
      'An adapter serves one port.',
    ),
    only(
      'infra-sees-derive',
      '^infra/',
      '^(infra/|src/(derive|schema)/|src/errors\\.ts$|src/compatibility/admit\\.ts$|src/adapters/registry/folder\\.ts$)',
      'Infrastructure is derived from the histories of a folder.',
    ),
    only(
      'nothing-imports-the-cli',
      '^src/(?!cli/)',
      '^src/(?!cli/)',
      'The command line is the outermost layer; only bin/ starts it.',
    ),
    only(
      'contracts-see-src',
      '^contracts/',
      '^(contracts/|src/(?!cli/))',
      'Laws judge what is shipped and are shipped with it; tests may lean on them, never the other way round.',
    ),
    {
      name: 'only-hosts-see-adapters',
      severity: 'error',
      comment: 'Handlers, the laptop runtime and the command line wire stages to adapters; nobody else knows one.',
      from: { path: '^src/', pathNot: '^src/(adapters|handlers|local|cli)/' },
      to: { path: '^src/(adapters|handlers)/' },
    },
    {
      name: 'clients-stay-in-adapters',
      severity: 'error',
      comment: 'AWS SDK, kafkajs and databases are reached through ports.',
      from: { path: '^src/', pathNot: '^src/(adapters|local|cli)/' },
      to: { path: '(^|node_modules/)(@aws-sdk|kafkajs|@kafkajs|@duckdb|fastify|undici)' },
    },
    {
      name: 'no-node-io-in-pure-code',
      severity: 'error',
      comment:
        'Schema, derive, codec, compatibility, catalogue, infer and stages are pure: files, sockets, databases and threads belong to adapters.',
      from: { path: '^src/(schema|derive|codec|compatibility|catalogue|infer|cost|deploy|stages|ports)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util|zlib)$' },
    },
    {
      name: 'client-needs-no-package',
      severity: 'error',
      comment: 'Nor does it run on Node alone: the global fetch is all that it needs.',
      from: { path: '^src/client/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'production-needs-no-dev-dependency',
      severity: 'error',
      comment: 'What src and contracts import must be installed with the package.',
      from: { path: '^(src|contracts)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
