// A validated and compiled PropertyFilterSpec: names resolved, paths parsed, base types handled.

import { isInstance, isManagedObject, isManagedSubtype, propertiesOf } from '../../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import { invalidArgument } from '../service-method.ts'
import { compilePath, type PropertyPath } from './property-path.ts'

/** One TraversalSpec. A recursive one is its own successor. */
export interface Traversal {
  readonly path: PropertyPath
  /** Whether the objects it reaches are traversed without being reported. */
  readonly skip: boolean
  readonly next: Traversal[]
  appliesTo(type: string): boolean
}

interface StartObject {
  readonly ref: ManagedObjectReference
  readonly skip: boolean
  readonly traversals: readonly Traversal[]
}

export interface FilterSpec {
  readonly starts: readonly StartObject[]
  readonly reportMissingObjectsInResults: boolean
  /** Returns the paths to read from objects of a type; undefined if objects of the type are not reported. */
  pathsOf(type: string): readonly PropertyPath[] | undefined
}

/**
 * Compiles a spec.
 * @throws the fault that a vCenter rejects it with.
 */
export function compileFilterSpec(spec: DataObject<'PropertyFilterSpec'>): FilterSpec {
  const propSet = spec.propSet ?? []
  for (const each of propSet) checkPropertySpec(each)

  const byType = new Map<string, readonly PropertyPath[] | undefined>()
  const traversals = new TraversalCompiler()
  const starts = (spec.objectSet ?? []).map(({ obj, skip, selectSet }) => {
    if (!obj) throw invalidArgument('specSet.objectSet.obj')
    return { ref: obj, skip: skip ?? false, traversals: traversals.compile(selectSet) }
  })
  traversals.resolveNames()

  return {
    starts,
    reportMissingObjectsInResults: spec.reportMissingObjectsInResults ?? false,
    pathsOf(type) {
      if (!byType.has(type)) byType.set(type, collectPaths(propSet, type))
      return byType.get(type)
    },
  }
}

function checkPropertySpec({ type, all, pathSet }: DataObject<'PropertySpec'>): void {
  if (!type || !isManagedObject(type)) throw invalidArgument('specSet.propSet.type')
  if (all) return
  for (const name of pathSet ?? []) {
    if (!compilePath(type, name)) throw new VimFault({ _typeName: 'InvalidProperty', name })
  }
}

/** Returns the paths of all property specs for the type or one of its base types, each once. */
function collectPaths(
  propSet: readonly DataObject<'PropertySpec'>[],
  type: string,
): readonly PropertyPath[] | undefined {
  const matching = propSet.filter((each) => isManagedSubtype(type, each.type))
  if (matching.length === 0) return undefined
  const names = matching.flatMap(({ all, pathSet }) =>
    all ? [...(propertiesOf(type)?.keys() ?? [])] : (pathSet ?? []),
  )
  return [...new Set(names)].map((name) => compilePath(type, name)).filter((path) => path !== undefined)
}

/** Names are valid in the whole filter spec, across all object specs, before and after their definition. */
class TraversalCompiler {
  readonly #named = new Map<string, Traversal>()
  readonly #pending: { readonly name: string; readonly into: Traversal[] }[] = []

  compile(selectSet: readonly DataObject<'SelectionSpec'>[] | undefined): Traversal[] {
    const traversals: Traversal[] = []
    for (const selection of selectSet ?? []) {
      if (isInstance(selection, 'TraversalSpec')) traversals.push(this.#compileOne(selection))
      else this.#pending.push({ name: selection.name ?? '', into: traversals })
    }
    return traversals
  }

  #compileOne({ name, type, path, skip, selectSet }: DataObject<'TraversalSpec'>): Traversal {
    if (!type || !isManagedObject(type)) throw invalidArgument('specSet.objectSet.selectSet.type')
    const compiled = compilePath(type, path ?? '')
    if (!compiled) throw new VimFault({ _typeName: 'InvalidProperty', name: path ?? '' })
    if (!/^ManagedObjectReference\*?$/.test(compiled.expression)) {
      throw invalidArgument('specSet.objectSet.selectSet.path')
    }
    const matches = new Map<string, boolean>()
    const traversal: Traversal = {
      path: compiled,
      skip: skip ?? false,
      next: this.compile(selectSet),
      appliesTo(objectType) {
        let match = matches.get(objectType)
        if (match === undefined) {
          match = isManagedSubtype(objectType, type)
          matches.set(objectType, match)
        }
        return match
      },
    }
    if (name !== undefined && !this.#named.has(name)) this.#named.set(name, traversal)
    return traversal
  }

  resolveNames(): void {
    for (const { name, into } of this.#pending) {
      const traversal = this.#named.get(name)
      if (!traversal) throw invalidArgument('specSet.objectSet.selectSet.name')
      into.push(traversal)
    }
  }
}
