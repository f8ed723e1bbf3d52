// RetrievePropertiesEx done whole: continuations drained, dead references left out, unknown properties dropped and
// remembered, an ended session told as NotAuthenticated in whichever shape it shows. What to ask, plan/ says.

import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { CallScope } from './call-scope.ts'
import type { Login } from './session.ts'
import { fromLocalizedFault, VimFaultError } from './vim-fault-error.ts'

export type PropertyFilterSpec = DataObject<'PropertyFilterSpec'>
export type ObjectContent = DataObject<'ObjectContent'>

/** Property paths that a server does not know, by managed object type: kept for as long as we know the server. */
export class UnknownProperties {
  readonly #paths = new Map<string, Set<string>>()
  readonly #onFound: (type: string, path: string) => void

  constructor(onFound: (type: string, path: string) => void = () => {}) {
    this.#onFound = onFound
  }

  add(type: string, path: string): void {
    const paths = this.#paths.get(type) ?? new Set()
    if (paths.has(path)) return
    this.#paths.set(type, paths.add(path))
    this.#onFound(type, path)
  }

  /** The spec set without what the server does not know. */
  without(specSet: readonly PropertyFilterSpec[]): readonly PropertyFilterSpec[] {
    if (this.#paths.size === 0) return specSet
    return withPaths(specSet, (type, path) => !this.#paths.get(type)?.has(path))
  }
}

/** Retrieves all that the specs select. Each object comes once or several times; what is unset is not in it. */
export async function retrieveProperties(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  unknown: UnknownProperties,
  scope: CallScope,
): Promise<ObjectContent[]> {
  // Each turn takes away at least one path or one dead object; the bound is for servers that name neither.
  let asked = unknown.without(specSet)
  const suspects: Suspect[] = []
  for (let turn = 1; ; turn += 1) {
    try {
      const objects = await retrieveOnce(login, asked, scope)
      for (const { type, path } of suspects) unknown.add(type, path)
      noteUnknown(objects, unknown)
      return objects
    } catch (error) {
      if (!(error instanceof VimFaultError) || turn === 100) throw error
      const next = withoutUnknown(error, unknown.without(specSet), suspects) ?? withoutDead(error, asked)
      if (!next) throw error
      asked = next
    }
  }
}

async function retrieveOnce(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  scope: CallScope,
): Promise<ObjectContent[]> {
  const collector = login.content.propertyCollector
  const objects: ObjectContent[] = []
  let page = await login.call('RetrievePropertiesEx', collector, { specSet, options: {} }, scope)
  for (;;) {
    for (const object of page?.objects ?? []) {
      throwIfUnauthenticated(object)
      objects.push(object)
    }
    const token: string | undefined = page?.token
    if (!token) return objects
    try {
      page = await login.call('ContinueRetrievePropertiesEx', collector, { token }, scope)
    } catch (error) {
      // The rest of the answer waits on the server until someone takes or drops it.
      if (scope.signal?.aborted)
        await login.call('CancelRetrievePropertiesEx', collector, { token }, {}).catch(() => {})
      throw error
    }
  }
}

// RetrievePropertiesEx itself needs no login: after the session's end it answers with every property missing.
function throwIfUnauthenticated(object: ObjectContent): void {
  const missing = object.missingSet
  if (object.propSet?.length || !missing?.length) return
  for (const { fault } of missing) {
    const error = fromLocalizedFault(fault)
    if (error.is('NotAuthenticated')) throw error
  }
}

interface Suspect {
  readonly type: string
  readonly path: string
}

/**
 * InvalidProperty names a path but not the type that lacks it, so types that were asked for it are tried one at a time,
 * then all together. `suspects` holds what is left out in this turn; a turn that succeeds proves them.
 */
function withoutUnknown(
  error: VimFaultError,
  specSet: readonly PropertyFilterSpec[],
  suspects: Suspect[],
): readonly PropertyFilterSpec[] | undefined {
  if (!error.is('InvalidProperty')) return undefined
  const { name } = error.fault as DataObject<'InvalidProperty'>
  const matches = (path: string) => path === name || path.startsWith(`${name}.`)
  const candidates = new Map<string, Suspect>()
  for (const spec of specSet) {
    for (const { type, pathSet = [] } of spec.propSet ?? []) {
      for (const path of pathSet) if (matches(path)) candidates.set(`${type} ${path}`, { type, path })
    }
  }
  if (candidates.size === 0) return undefined
  const all = [...candidates.values()]
  const tried = suspects.filter(({ path }) => matches(path))
  const others = suspects.filter(({ path }) => !matches(path))
  if (tried.length === all.length) return undefined
  const last =
    tried.length === 0
      ? -1
      : all.findIndex(({ type, path }) => type === tried[0]?.type && path === tried[0]?.path)
  const next = all[last + 1]
  suspects.splice(0, suspects.length, ...others, ...(next && tried.length < 2 ? [next] : all))
  return withPaths(
    specSet,
    (type, path) => !suspects.some((suspect) => suspect.type === type && suspect.path === path),
  )
}

/** ManagedObjectNotFound fails the whole call although reportMissingObjectsInResults was asked: on old servers, and for views. */
function withoutDead(
  error: VimFaultError,
  specSet: readonly PropertyFilterSpec[],
): readonly PropertyFilterSpec[] | undefined {
  if (!error.is('ManagedObjectNotFound')) return undefined
  const { obj: dead } = error.fault as DataObject<'ManagedObjectNotFound'>
  if (!dead || dead.value.startsWith('session[')) return undefined
  const isDead = (ref: ManagedObjectReference) => ref.type === dead.type && ref.value === dead.value
  if (!specSet.some((spec) => spec.objectSet?.some(({ obj }) => isDead(obj)))) return undefined
  return specSet
    .map((spec) => ({ ...spec, objectSet: (spec.objectSet ?? []).filter(({ obj }) => !isDead(obj)) }))
    .filter((spec) => spec.objectSet.length > 0)
}

// vcsim tells an unknown property in missingSet where a real server fails the call; to the reader it is the same.
function noteUnknown(objects: readonly ObjectContent[], unknown: UnknownProperties): void {
  for (const { obj, missingSet } of objects) {
    for (const { path, fault } of missingSet ?? [])
      if (fault.fault._typeName === 'InvalidProperty') unknown.add(obj.type, path)
  }
}

function withPaths(
  specSet: readonly PropertyFilterSpec[],
  keep: (type: string, path: string) => boolean,
): readonly PropertyFilterSpec[] {
  return specSet.map((spec) => ({
    ...spec,
    propSet: (spec.propSet ?? []).map((set) => ({
      ...set,
      pathSet: (set.pathSet ?? []).filter((path) => keep(set.type, path)),
    })),
  }))
}
