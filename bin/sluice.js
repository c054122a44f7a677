#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to strip types can still say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `sluice: SLUICE_NODE_VERSION: Node ${process.versions.node} is too old; 22.18 or newer is needed.\n` +
      'The project brings its own Node 24: run `npm ci` (without --ignore-scripts), then `npx sluice` or `npm start`.\n',
  );
  process.exit(2);
}

const { main } = await import('../src/cli/main.ts');
await main(process.argv);
