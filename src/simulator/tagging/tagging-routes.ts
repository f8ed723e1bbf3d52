// The calls of tagging: which resource, id and action leads to what in the store. Users see only the objects that they have a role on.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Access } from '../authorization/access.ts'
import { type SimulatedCategory, type SimulatedTag, TaggingError, type TagStore } from './tag-store.ts'

export interface TaggingRequest {
  readonly method: string
  readonly resource: string
  readonly id: string | undefined
  readonly action: string | undefined
  readonly input: Readonly<Record<string, unknown>>
}

/** The result of a call; without a value the response is empty. */
type Result = { readonly value: unknown } | Record<never, never>

type Route = (store: TagStore, request: TaggingRequest & { readonly id: string }, access: Access) => Result

const routes: Readonly<Record<string, Route>> = {
  'GET category': (store) => ({ value: store.categories.map(({ id }) => id) }),
  'GET category id': (store, { id }) => ({ value: categoryInfo(store.category(id)) }),
  'POST category': (store, { input }, access) => {
    assertMayWrite(access, 'CreateCategory')
    const { name, description, cardinality, associable_types: types } = specIn(input, 'create_spec')
    const category = store.addCategory({
      name: String(name),
      description: String(description ?? ''),
      cardinality: cardinality === 'MULTIPLE' ? 'MULTIPLE' : 'SINGLE',
      associableTypes: (types as string[] | null | undefined) ?? [],
    })
    return { value: category.id }
  },
  'DELETE category id': (store, { id }, access) => {
    assertMayWrite(access, 'DeleteCategory')
    store.removeCategory(id)
    return {}
  },
  'GET tag': (store) => ({ value: store.tags.map(({ id }) => id) }),
  'GET tag id': (store, { id }) => ({ value: tagInfo(store.tag(id)) }),
  'POST tag': (store, { input }, access) => {
    assertMayWrite(access, 'CreateTag')
    const { name, description, category_id: categoryId } = specIn(input, 'create_spec')
    const tag = { name: String(name), description: String(description ?? ''), categoryId: String(categoryId) }
    return { value: store.addTag(tag).id }
  },
  'DELETE tag id': (store, { id }, access) => {
    assertMayWrite(access, 'DeleteTag')
    store.removeTag(id)
    return {}
  },
  'POST tag id list-tags-for-category': (store, { id }) => {
    store.category(id)
    return { value: store.tags.filter(({ categoryId }) => categoryId === id).map((tag) => tag.id) }
  },
  'POST tag-association list-attached-tags': (store, { input }, access) => ({
    value: tagsOn(store, objectIn(input.object_id), access),
  }),
  'POST tag-association list-attached-tags-on-objects': (store, { input }, access) => ({
    value: objectsIn(input).map((ref) => ({
      object_id: toObjectId(ref),
      tag_ids: tagsOn(store, ref, access),
    })),
  }),
  'POST tag-association list-attached-objects-on-tags': (store, { input }, access) => ({
    value: ((input.tag_ids as string[] | undefined) ?? []).map((id) => ({
      tag_id: id,
      object_ids: visibleObjects(store, id, access).map(toObjectId),
    })),
  }),
  'POST tag-association id list-attached-objects': (store, { id }, access) => {
    store.tag(id)
    return { value: visibleObjects(store, id, access).map(toObjectId) }
  },
  'POST tag-association id attach': (store, { id, input }, access) => {
    const ref = objectIn(input.object_id)
    assertMayWrite(access, 'AttachTag')
    assertMayTag(access, ref)
    store.attach(id, ref)
    return {}
  },
  'POST tag-association id detach': (store, { id, input }, access) => {
    const ref = objectIn(input.object_id)
    assertMayWrite(access, 'AttachTag')
    assertMayTag(access, ref)
    store.detach(id, ref)
    return {}
  },
  'POST tag-association id attach-tag-to-multiple-objects': (store, { id, input }, access) => {
    assertMayWrite(access, 'AttachTag')
    return forEach(objectsIn(input), (ref) => {
      assertMayTag(access, ref)
      store.attach(id, ref)
    })
  },
  'POST tag-association id detach-tag-from-multiple-objects': (store, { id, input }, access) => {
    assertMayWrite(access, 'AttachTag')
    return forEach(objectsIn(input), (ref) => {
      assertMayTag(access, ref)
      store.detach(id, ref)
    })
  },
}

/**
 * Executes a call.
 *
 * @returns undefined if there is no such call
 * @throws TaggingError
 */
export function taggingResult(store: TagStore, access: Access, request: TaggingRequest): Result | undefined {
  const { method, resource, id, action } = request
  const name = [method, resource, ...(id === undefined ? [] : ['id']), ...(action ? [action] : [])].join(' ')
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined
  return route?.(store, { ...request, id: id ?? '' }, access)
}

/** Privileges of tagging are checked on the root folder, where the global permissions of a vCenter take effect. */
const rootFolder: ManagedObjectReference = { type: 'Folder', value: 'group-d1' }

function assertMayWrite(access: Access, privilege: string): void {
  assertHas(access, rootFolder, `InventoryService.Tagging.${privilege}`)
}

/** What attaching and detaching need on the object, besides AttachTag on the tag. */
function assertMayTag(access: Access, ref: ManagedObjectReference): void {
  for (const privilege of ['System.Read', 'InventoryService.Tagging.ObjectAttachable'])
    assertHas(access, ref, privilege)
}

function assertHas(access: Access, ref: ManagedObjectReference, privilege: string): void {
  if (!access.has(ref, privilege))
    throw new TaggingError(
      403,
      'vapi.security.authorization.invalid',
      `Unable to authorize user: ${privilege}`,
    )
}

const categoryInfo = ({ id, name, description, cardinality, associableTypes }: SimulatedCategory) => ({
  id,
  name,
  description,
  cardinality,
  associable_types: associableTypes,
  used_by: [],
})

const tagInfo = ({ id, name, description, categoryId }: SimulatedTag) => ({
  id,
  name,
  description,
  category_id: categoryId,
  used_by: [],
})

const specIn = (input: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> =>
  (input[name] ?? input) as Record<string, unknown>

const toObjectId = ({ type, value }: ManagedObjectReference) => ({ type, id: value })

function objectIn(value: unknown): ManagedObjectReference {
  const { type, id } = (value ?? {}) as { type?: unknown; id?: unknown }
  if (typeof type !== 'string' || typeof id !== 'string')
    throw new TaggingError(400, 'vapi.data.structure.field.missing', 'object_id is invalid.')
  return { type: type as ManagedObjectReference['type'], value: id }
}

const objectsIn = ({ object_ids: ids }: Readonly<Record<string, unknown>>): ManagedObjectReference[] =>
  ((ids as unknown[] | null | undefined) ?? []).map(objectIn)

const tagsOn = (store: TagStore, ref: ManagedObjectReference, access: Access): string[] =>
  access.has(ref, 'System.Read') ? store.tagIdsOf(ref) : []

const visibleObjects = (store: TagStore, id: string, access: Access): ManagedObjectReference[] =>
  store.objectsOf(id).filter((ref) => access.has(ref, 'System.Read'))

/** Changes each object. One that fails does not keep the others from being changed. */
function forEach(
  refs: readonly ManagedObjectReference[],
  change: (ref: ManagedObjectReference) => void,
): Result {
  const messages = refs.flatMap((ref) => {
    try {
      change(ref)
      return []
    } catch (error) {
      if (!(error instanceof TaggingError)) throw error
      return [{ id: error.messageId, default_message: error.message, args: [ref.value] }]
    }
  })
  return { value: { success: messages.length === 0, error_messages: messages } }
}
