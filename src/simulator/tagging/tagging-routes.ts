// The calls of tagging: which resource, id and action leads to what in the store. Users see only the objects that they have a role on.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedUser } from '../service/session-manager.ts'
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

type Route = (
  store: TagStore,
  request: TaggingRequest & { readonly id: string },
  user: SimulatedUser,
) => Result

const routes: Readonly<Record<string, Route>> = {
  'GET category': (store) => ({ value: store.categories.map(({ id }) => id) }),
  'GET category id': (store, { id }) => ({ value: categoryInfo(store.category(id)) }),
  'POST category': (store, { input }, user) => {
    assertMayWrite(user, 'CreateCategory')
    const { name, description, cardinality, associable_types: types } = specIn(input, 'create_spec')
    const category = store.addCategory({
      name: String(name),
      description: String(description ?? ''),
      cardinality: cardinality === 'MULTIPLE' ? 'MULTIPLE' : 'SINGLE',
      associableTypes: (types as string[] | null | undefined) ?? [],
    })
    return { value: category.id }
  },
  'DELETE category id': (store, { id }, user) => {
    assertMayWrite(user, 'DeleteCategory')
    store.removeCategory(id)
    return {}
  },
  'GET tag': (store) => ({ value: store.tags.map(({ id }) => id) }),
  'GET tag id': (store, { id }) => ({ value: tagInfo(store.tag(id)) }),
  'POST tag': (store, { input }, user) => {
    assertMayWrite(user, 'CreateTag')
    const { name, description, category_id: categoryId } = specIn(input, 'create_spec')
    const tag = { name: String(name), description: String(description ?? ''), categoryId: String(categoryId) }
    return { value: store.addTag(tag).id }
  },
  'DELETE tag id': (store, { id }, user) => {
    assertMayWrite(user, 'DeleteTag')
    store.removeTag(id)
    return {}
  },
  'POST tag id list-tags-for-category': (store, { id }) => {
    store.category(id)
    return { value: store.tags.filter(({ categoryId }) => categoryId === id).map((tag) => tag.id) }
  },
  'POST tag-association list-attached-tags': (store, { input }, user) => ({
    value: tagsOn(store, objectIn(input.object_id), user),
  }),
  'POST tag-association list-attached-tags-on-objects': (store, { input }, user) => ({
    value: objectsIn(input).map((ref) => ({ object_id: toObjectId(ref), tag_ids: tagsOn(store, ref, user) })),
  }),
  'POST tag-association list-attached-objects-on-tags': (store, { input }, user) => ({
    value: ((input.tag_ids as string[] | undefined) ?? []).map((id) => ({
      tag_id: id,
      object_ids: visibleObjects(store, id, user).map(toObjectId),
    })),
  }),
  'POST tag-association id list-attached-objects': (store, { id }, user) => {
    store.tag(id)
    return { value: visibleObjects(store, id, user).map(toObjectId) }
  },
  'POST tag-association id attach': (store, { id, input }, user) => {
    assertMayWrite(user, 'AttachTag')
    store.attach(id, objectIn(input.object_id))
    return {}
  },
  'POST tag-association id detach': (store, { id, input }, user) => {
    assertMayWrite(user, 'AttachTag')
    store.detach(id, objectIn(input.object_id))
    return {}
  },
  'POST tag-association id attach-tag-to-multiple-objects': (store, { id, input }, user) => {
    assertMayWrite(user, 'AttachTag')
    return forEach(objectsIn(input), (ref) => store.attach(id, ref))
  },
  'POST tag-association id detach-tag-from-multiple-objects': (store, { id, input }, user) => {
    assertMayWrite(user, 'AttachTag')
    return forEach(objectsIn(input), (ref) => store.detach(id, ref))
  },
}

/**
 * Executes a call.
 *
 * @returns undefined if there is no such call
 * @throws TaggingError
 */
export function taggingResult(
  store: TagStore,
  user: SimulatedUser,
  request: TaggingRequest,
): Result | undefined {
  const { method, resource, id, action } = request
  const name = [method, resource, ...(id === undefined ? [] : ['id']), ...(action ? [action] : [])].join(' ')
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined
  return route?.(store, { ...request, id: id ?? '' }, user)
}

function assertMayWrite({ readOnly }: SimulatedUser, privilege: string): void {
  if (readOnly)
    throw new TaggingError(
      403,
      'vapi.security.authorization.invalid',
      `Unable to authorize user: InventoryService.Tagging.${privilege}`,
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

const isVisible = (ref: ManagedObjectReference, { canSee = () => true }: SimulatedUser): boolean =>
  canSee(ref)

const tagsOn = (store: TagStore, ref: ManagedObjectReference, user: SimulatedUser): string[] =>
  isVisible(ref, user) ? store.tagIdsOf(ref) : []

const visibleObjects = (store: TagStore, id: string, user: SimulatedUser): ManagedObjectReference[] =>
  store.objectsOf(id).filter((ref) => isVisible(ref, user))

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
