// Property paths that a server does not know: found out from what it says, left out, and remembered. An unknown one fails the
// whole call on a real server (InvalidProperty); property-collector.ts asks again without it.

import type { DataObject } from '../../soap/vim-types.ts'
import type { VimFaultError } from '../vim-fault-error.ts'
import type { ObjectContent, PropertyFilterSpec } from './property-collector.ts'

/** What all objects have, and all ways through the inventory go by: a server that denies it is in trouble, and not old. */
const essentialPaths: ReadonlySet<string> = new Set(['name', 'parent'])

/** More than there are types and paths: what a server makes up beyond it is not remembered. */
const mostFound = 2_000

/** Property paths that a server does not know, by managed object type: kept for as long as a login stands. */
export class UnknownProperties {
  readonly #paths = new Map<string, Set<string>>()
  readonly #reported = new Set<string>()
  readonly #onFound: (type: string, path: string) => void

  constructor(onFound: (type: string, path: string) => void = () => {}) {
    this.#onFound = onFound
  }

  add(type: string, path: string): void {
    if (essentialPaths.has(path)) return
    const property = `${type}.${path}`
    const isKnown = this.#reported.has(property)
    if (!isKnown && this.#reported.size >= mostFound) return
    const paths = this.#paths.get(type) ?? new Set()
    if (paths.has(path)) return
    this.#paths.set(type, paths.add(path))
    if (isKnown) return
    this.#reported.add(property)
    this.#onFound(type, path)
  }

  /** The server may be another one now, or a newer one; what it was told of once is not told again. */
  forget(): void {
    this.#paths.clear()
  }

  /** Those of the paths that the server knows, or may know. */
  filterKnown(type: string, paths: readonly string[]): readonly string[] {
    const unknown = this.#paths.get(type)
    return unknown ? paths.filter((path) => !unknown.has(path)) : paths
  }

  /** The spec set without what the server does not know. */
  without(specSet: readonly PropertyFilterSpec[]): readonly PropertyFilterSpec[] {
    if (this.#paths.size === 0) return specSet
    return withPaths(specSet, (type, paths) => this.filterKnown(type, paths))
  }
}

/** Whether InvalidProperty is about a path: it may name the part of it that is not known. */
export function isNamedInFault({ fault }: VimFaultError, path: string): boolean {
  const { name } = fault as DataObject<'InvalidProperty'>
  return path === name || path.startsWith(`${name}.`)
}

export interface ExcludedPath {
  readonly type: string
  readonly path: string
}

/**
 * InvalidProperty names a path but not the types that lack it, so the types that were asked for it are tried one at a
 * time, then two at a time, until the fewest are found. `exclusions` holds what is left out in this turn; a turn that
 * succeeds proves them. False when nothing is left to try.
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

/** All ways to choose some of so many, those that choose fewest first; of many, only one each and all. */
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

// vcsim tells an unknown property in missingSet where a real server fails the call; to the reader it is the same.
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
