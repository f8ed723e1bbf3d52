// Finds, omits and remembers property paths that a server does not know. On a real server an unknown path fails the whole call
// (InvalidProperty); property-collector.ts then repeats the call without it.

import type { DataObject } from '../../soap/vim-types.ts'
import type { VimFaultError } from '../vim-fault-error.ts'
import type { ObjectContent, PropertyFilterSpec } from './retrieval-types.ts'

/** Paths that every object has and that all traversals need. A server that reports them as unknown is faulty and not old. */
const essentialPaths: ReadonlySet<string> = new Set(['name', 'parent'])

/** Maximum number of remembered paths, more than really exist. A faulty server could report any number of them. */
const maxFound = 2_000

/** The property paths that a server does not know, by managed object type. A new login clears them with `forget`. */
export class UnknownProperties {
  readonly #paths = new Map<string, Set<string>>()
  readonly #reported = new Set<string>()
  readonly #onFound: (type: string, path: string) => void

  constructor(onFound: (type: string, path: string) => void = () => {}) {
    this.#onFound = onFound
  }

  /** Remembers an unknown path. Calls `onFound` the first time that it is found. */
  add(type: string, path: string): void {
    if (essentialPaths.has(path)) return
    const property = `${type}.${path}`
    const isKnown = this.#reported.has(property)
    if (!isKnown && this.#reported.size >= maxFound) return
    const paths = this.#paths.get(type) ?? new Set()
    if (paths.has(path)) return
    this.#paths.set(type, paths.add(path))
    if (isKnown) return
    this.#reported.add(property)
    this.#onFound(type, path)
  }

  /** Forgets all paths, because the server may have been replaced or upgraded. `onFound` is not called for them again. */
  forget(): void {
    this.#paths.clear()
  }

  /** Returns the paths that are not known to be unknown to the server. */
  filterKnown(type: string, paths: readonly string[]): readonly string[] {
    const unknown = this.#paths.get(type)
    return unknown ? paths.filter((path) => !unknown.has(path)) : paths
  }

  /** Returns the spec set without the unknown paths. */
  without(specSet: readonly PropertyFilterSpec[]): readonly PropertyFilterSpec[] {
    if (this.#paths.size === 0) return specSet
    return withPaths(specSet, (type, paths) => this.filterKnown(type, paths))
  }
}

/** Whether an InvalidProperty fault concerns a path. The fault may name only the unknown prefix of the path. */
function isNamedInFault({ fault }: VimFaultError, path: string): boolean {
  const { name } = fault as DataObject<'InvalidProperty'>
  return path === name || path.startsWith(`${name}.`)
}

export interface ExcludedPath {
  readonly type: string
  readonly path: string
}

/**
 * Chooses the next exclusions after an InvalidProperty fault. The fault names a path but not the types that lack it, so the
 * candidate types are excluded one at a time, then two at a time, to find the smallest set.
 * @param exclusions the excluded paths of the next attempt; updated in place. If the attempt succeeds, they are confirmed.
 * @returns false if no combination is left to try
 */
export function excludeCandidates(
  error: VimFaultError,
  specSet: readonly PropertyFilterSpec[],
  exclusions: ExcludedPath[],
): boolean {
  if (!error.is('InvalidProperty')) return false
  const matches = (path: string) => isNamedInFault(error, path)
  const candidates = new Map<string, ExcludedPath>()
  for (const spec of specSet) {
    for (const { type, pathSet = [] } of spec.propSet ?? []) {
      for (const path of pathSet) if (matches(path)) candidates.set(`${type} ${path}`, { type, path })
    }
  }
  const all = [...candidates.values()]
  const types = [...new Set(all.map(({ type }) => type))]
  const combinations = combinationsOf(types.length)
  const previous = exclusions.filter(({ path }) => matches(path))
  const last = combinations.findIndex((choice) =>
    types.every((type, index) => choice[index] === previous.some((each) => each.type === type)),
  )
  const next = combinations[last + 1]
  if (!next) return false
  const others = exclusions.filter(({ path }) => !matches(path))
  const chosen = all.filter(({ type }) => next[types.indexOf(type)])
  exclusions.splice(0, exclusions.length, ...others, ...chosen)
  return true
}

/** Returns all non-empty selections of `count` items, smallest first. Over 6 items: only each single item, and all of them. */
function combinationsOf(count: number): boolean[][] {
  const size = (choice: readonly boolean[]) => choice.filter(Boolean).length
  if (count > 6) {
    const single = Array.from({ length: count }, (_, one) =>
      Array.from({ length: count }, (_, at) => at === one),
    )
    return [...single, Array.from({ length: count }, () => true)]
  }
  return Array.from({ length: 2 ** count - 1 }, (_, number) =>
    Array.from({ length: count }, (_, at) => (((number + 1) >> at) & 1) === 1),
  ).sort((a, b) => size(a) - size(b))
}

export function withoutExcluded(
  specSet: readonly PropertyFilterSpec[],
  exclusions: readonly ExcludedPath[],
): readonly PropertyFilterSpec[] {
  if (exclusions.length === 0) return specSet
  return withPaths(specSet, (type, paths) =>
    paths.filter((path) => !exclusions.some((each) => each.type === type && each.path === path)),
  )
}

// vcsim lists an unknown property in missingSet, where a real server fails the call. Both have the same effect.
export function recordUnknown({ obj, missingSet }: ObjectContent, unknown: UnknownProperties): void {
  for (const { path, fault } of missingSet ?? []) {
    if (fault.fault._typeName === 'InvalidProperty') unknown.add(obj.type, path)
  }
}

function withPaths(
  specSet: readonly PropertyFilterSpec[],
  keep: (type: string, paths: readonly string[]) => readonly string[],
): readonly PropertyFilterSpec[] {
  return specSet.map((spec) => ({
    ...spec,
    propSet: (spec.propSet ?? []).map((set) => ({
      ...set,
      pathSet: keep(set.type, set.pathSet ?? []),
    })),
  }))
}
