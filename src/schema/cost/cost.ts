// The cost of a response, actual or estimated, by the metrics that have a limit.

export interface Cost {
  readonly objects: number
  /** Scalar values, including nulls: one for each selected scalar field of each object, and one for each item of a list. */
  readonly values: number
  readonly errors: number
}

export const zero: Cost = { objects: 0, values: 0, errors: 0 }
export const oneValue: Cost = { ...zero, values: 1 }
export const oneError: Cost = { ...zero, errors: 1 }

export const add = (a: Cost, b: Cost): Cost => perMetric((metric) => a[metric] + b[metric])

export const scale = (factor: number, cost: Cost): Cost => perMetric((metric) => factor * cost[metric])

/** Returns the maximum of each metric. */
export const max = (costs: readonly Cost[]): Cost =>
  perMetric((metric) => Math.max(0, ...costs.map((each) => each[metric])))

const perMetric = (compute: (metric: keyof Cost) => number): Cost => ({
  objects: compute('objects'),
  values: compute('values'),
  errors: compute('errors'),
})
