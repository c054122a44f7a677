#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Plain JavaScript, so that a Node too old to strip types can still say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `sluice: SLUICE_NODE_VERSION: Node ${process.versions.node} is too old; 22.18 or newer is needed.\n` +
      'The project brings its own Node 24: run `npm ci` (without --ignore-scripts), then `npx sluice` or `npm start`.\n',
  );
  process.exit(2);
}

// Node strips no types below node_modules: what is installed from a registry is compiled.
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(
  existsSync(source) ? source.href : new URL('../dist/src/cli/main.js', import.meta.url).href
);
await main(process.argv);
