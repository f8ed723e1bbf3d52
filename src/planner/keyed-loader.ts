// Batches values that are requested one at a time during field resolution into one call. Each key is loaded once.

import DataLoader from 'dataloader'
import type { BatchScheduler } from '../concurrency/batch-scheduler.ts'

/** Returns the value of a key; the values of all keys that are requested in one tick are loaded together. */
export type KeyedLoader<K, V> = (key: K) => Promise<V>

/**
 * @param load - returns the values in the order of the keys
 * @param nameOf - returns what identifies a key
 */
export function createKeyedLoader<K, V>(
  load: (keys: readonly K[]) => Promise<readonly V[]>,
  nameOf: (key: K) => string,
  scheduler: BatchScheduler,
): KeyedLoader<K, V> {
  const loader = new DataLoader<K, V, string>(load, {
    cacheKeyFn: nameOf,
    batchScheduleFn: scheduler.schedule,
  })
  return (key) => loader.load(key)
}
