// The definitions of tags and categories. vAPI returns them one by one, so each is kept for 60 seconds: names change rarely. Which
// objects have a tag is never kept.

import { setMaxListeners } from 'node:events'
import { LRUCache } from 'lru-cache'
import type { MonotonicClock } from '../concurrency/clock.ts'
import { withSignal } from '../concurrency/timing.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import type { CategoryDefinition, TagDefinition, Tagging } from './tagging.ts'

/** A tag, with its category. */
export interface TagWithCategory extends TagDefinition {
  readonly category: CategoryDefinition
}

const keptMs = 60_000
const maxKept = 20_000

type Read<T> = (id: string, options: CallOptions) => Promise<T | undefined>

/** Definitions by id, each read once while it is kept. */
class KeptDefinitions<T> {
  readonly #read: Read<T>
  readonly #clock: MonotonicClock
  // Not `max`, which allocates memory for all entries up front: each session has its own definitions.
  readonly #kept = new LRUCache<string, { readonly value: Promise<T | undefined>; readonly until: number }>({
    maxSize: maxKept,
    sizeCalculation: () => 1,
  })

  constructor(read: Read<T>, clock: MonotonicClock) {
    this.#read = read
    this.#clock = clock
  }

  /** Reads what is not known. The first failure cancels the reads that have not been sent; a client that disconnects does not. */
  async get(ids: Iterable<string>, { signal, onCall, caller }: CallOptions): Promise<ReadonlyMap<string, T>> {
    const canceled = new AbortController()
    setMaxListeners(0, canceled.signal)
    // Others may wait for the same definitions, so the limits of one operation do not apply to them.
    const options = { signal: canceled.signal, onCall, caller }
    const reads = Promise.all(
      [...new Set(ids)].map(async (id) => [id, await this.#one(id, options)] as const),
    )
    reads.catch((error) => canceled.abort(error))
    const entries = await withSignal(reads, signal)
    return new Map(entries.flatMap(([id, value]) => (value === undefined ? [] : [[id, value as T]])))
  }

  #one(id: string, options: CallOptions): Promise<T | undefined> {
    const kept = this.#kept.get(id)
    if (kept && this.#clock.now() < kept.until) return kept.value
    const value = this.#read(id, options)
    this.#kept.set(id, { value, until: this.#clock.now() + keptMs })
    value.catch(() => {
      if (this.#kept.get(id)?.value === value) this.#kept.delete(id)
    })
    return value
  }
}

export class TagDefinitions {
  readonly tagging: Tagging
  readonly #tags: KeptDefinitions<TagDefinition>
  readonly #categories: KeptDefinitions<CategoryDefinition>

  constructor(tagging: Tagging, clock: MonotonicClock) {
    this.tagging = tagging
    this.#tags = new KeptDefinitions((id, options) => tagging.tag(id, options), clock)
    this.#categories = new KeptDefinitions((id, options) => tagging.category(id, options), clock)
  }

  /** Returns the tags that exist and whose category can be read, by id. */
  async tags(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, TagWithCategory>> {
    const tags = await this.#tags.get(ids, options)
    const categories = await this.categories(
      [...tags.values()].map(({ categoryId }) => categoryId),
      options,
    )
    const complete = [...tags].flatMap(([id, tag]) => {
      const category = categories.get(tag.categoryId)
      return category ? [[id, { ...tag, category }] as const] : []
    })
    return new Map(complete)
  }

  /** Returns the categories that exist, by id. */
  categories(ids: Iterable<string>, options: CallOptions): Promise<ReadonlyMap<string, CategoryDefinition>> {
    return this.#categories.get(ids, options)
  }

  async allTags(options: CallOptions): Promise<TagWithCategory[]> {
    return [...(await this.tags(await this.tagging.tagIds(options), options)).values()]
  }

  async allCategories(options: CallOptions): Promise<CategoryDefinition[]> {
    return [...(await this.categories(await this.tagging.categoryIds(options), options)).values()]
  }
}
