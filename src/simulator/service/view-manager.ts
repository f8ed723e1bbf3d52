// ViewManager and its views. A container view is live: it is recomputed after the inventory has changed.

import { isManagedObject, isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'
import { childrenOf, descendantsOf, isContainer } from './container-contents.ts'
import { findOrFault, invalidArgument, type ServiceCall, type ServiceMethodTable } from './service-method.ts'

export const viewManagerMethods: ServiceMethodTable = {
  CreateContainerView({ args: { container, type, recursive }, session, objects, find }) {
    const root = findOrFault({ find }, container)
    if (!isContainer(root.type)) throw invalidArgument('container')
    const types = type ?? []
    if (!types.every(isManagedObject)) throw invalidArgument('type')
    return session.create(objects, 'ContainerView', {
      container,
      type: types,
      recursive,
      view: containerViewOf(objects, container, types, recursive, session),
    }).ref
  },

  CreateListView({ args, session, objects, find }) {
    const view = (args.obj ?? []).filter((ref) => find(ref))
    return session.create(objects, 'ListView', { view: unique(view) }).ref
  },

  ModifyListView(call) {
    const removed = new Set((call.args.remove ?? []).map(key))
    const remaining = viewOf(call.self).filter((ref) => !removed.has(key(ref)))
    return fillListView(call, remaining, call.args.add ?? [])
  },

  ResetListView: (call) => fillListView(call, [], call.args.obj ?? []),

  DestroyView({ self, session, objects }) {
    session.remove(self)
    // Filters on the view must be evaluated again.
    objects.emit('removed', self)
    return undefined
  },
}

const key = ({ type, value }: ManagedObjectReference): string => `${type}:${value}`
const unique = (refs: readonly ManagedObjectReference[]): ManagedObjectReference[] => [
  ...new Map(refs.map((ref) => [key(ref), ref])).values(),
]
const viewOf = (listView: SimulatedObject) => listView.get('view') as readonly ManagedObjectReference[]

/**
 * Sets the references of a list view.
 * @returns the unresolved ones, as ModifyListView and ResetListView do.
 */
function fillListView(
  { self, find }: Pick<ServiceCall<'ModifyListView'>, 'self' | 'find'>,
  kept: readonly ManagedObjectReference[],
  added: readonly ManagedObjectReference[],
): ManagedObjectReference[] {
  self.set('view', unique([...kept, ...added.filter((ref) => find(ref))]))
  return added.filter((ref) => !find(ref))
}

function containerViewOf(
  objects: SimulatedInventory,
  container: ManagedObjectReference,
  types: readonly string[],
  recursive: boolean,
  { access }: Pick<ServiceCall<'CreateContainerView'>['session'], 'access'>,
): () => readonly ManagedObjectReference[] {
  let revision = -1
  let permissions = -1
  let view: readonly ManagedObjectReference[] = []
  return () => {
    if (revision === objects.revision && permissions === access.version) return view
    const root = objects.find(container)
    const inside = !root ? [] : recursive ? descendantsOf(objects, root) : childrenOf(objects, root)
    const matches = new Map<string, boolean>()
    const refs: ManagedObjectReference[] = []
    for (const object of inside) {
      let match = matches.get(object.type)
      if (match === undefined) {
        match = types.length === 0 || types.some((type) => isManagedSubtype(object.type, type))
        matches.set(object.type, match)
      }
      if (match && access.canView(object.ref)) refs.push(object.ref)
    }
    // Most changes do not affect a view. The array then stays the same, so its cached text is reused.
    if (refs.length !== view.length || refs.some((ref, index) => ref !== view[index])) view = refs
    revision = objects.revision
    permissions = access.version
    return view
  }
}
