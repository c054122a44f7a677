import { birdStrikes } from './birdstrikes.ts';
import { earthquakes } from './earthquakes.ts';
import { flights } from './flights.ts';
import type { Sample } from './sample.ts';

export { dataRelease } from './packages.ts';
export type { Sample, SampleOptions } from './sample.ts';
export { birdStrikes, earthquakes, flights };

/** The event types that come with Sluice, with the real data behind them. */
export const SAMPLES: readonly Sample[] = [earthquakes, birdStrikes, flights];
