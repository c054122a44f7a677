import DOCUMENT from './quotas.json' with { type: 'json' };

export type QuotaId = keyof (typeof DOCUMENT)['quotas'];

/** A limit that AWS sets, as its documentation gives it. */
export interface Quota {
  readonly stage: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What each has one of: `account`, `cluster`, `stream`, `partition`. */
  readonly per: string;
  /** Whether more can be had: by asking for it (`request`), not at all (`no`), or by building otherwise (`design`). */
  readonly adjustable: string;
  /** How to get more, or to need less. */
  readonly way: string;
  readonly source: string;
  /** When somebody last looked, `yyyy-MM-dd`. */
  readonly checked: string;
  /** `seen`: in AWS's own text or a copy of it; `general`: common knowledge, to be looked up before it decides. */
  readonly confidence: string;
  readonly note?: string;
}

/** Every quota, with its default value in us-east-1. */
export const QUOTAS: Readonly<Record<QuotaId, Quota>> = DOCUMENT.quotas;
