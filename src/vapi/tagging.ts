// The calls of vSphere tagging: categories, tags, and which objects have which tags. vAPI returns definitions one by one, and
// associations in one call for many objects or tags.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { CallOptions } from '../vim25/session/call-options.ts'
import { type ServerMessage, serverMessages, VapiError } from './vapi-error.ts'
import type { VapiRequest, VapiSession } from './vapi-session.ts'

export interface CategoryDefinition {
  /** Its URN. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly cardinality: 'SINGLE' | 'MULTIPLE'
  /** The vim25 types whose objects can have its tags; empty for all types. */
  readonly associableTypes: readonly string[]
}

export interface TagDefinition {
  /** Its URN. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly categoryId: string
}

/** The result of a change for several objects. Without proof of success, some of them may have been changed. */
export interface BatchResult {
  readonly isSuccess: boolean
  readonly messages: readonly ServerMessage[]
}

export type AssociationAction = 'attach' | 'detach'

/** No vendor limit is known. Nearly all operations need one call. */
const maxObjectsPerCall = 2_000

export class Tagging {
  readonly #session: Pick<VapiSession, 'call'>

  constructor(session: Pick<VapiSession, 'call'>) {
    this.#session = session
  }

  async tagIds(options: CallOptions): Promise<string[]> {
    return idsIn('tag.list', await this.#session.call({ name: 'tag' }, options))
  }

  async categoryIds(options: CallOptions): Promise<string[]> {
    return idsIn('category.list', await this.#session.call({ name: 'category' }, options))
  }

  async tagIdsOfCategory(id: string, options: CallOptions): Promise<string[]> {
    const action = 'list-tags-for-category'
    return idsIn(action, await this.#session.call({ name: 'tag', id, action }, options))
  }

  /** Returns undefined if the tag does not exist, or may not be read. */
  async tag(id: string, options: CallOptions): Promise<TagDefinition | undefined> {
    const info = await this.#definition({ name: 'tag', id }, options)
    return (
      info && {
        id,
        name: textIn('tag.get', info.name),
        description: typeof info.description === 'string' ? info.description : '',
        categoryId: textIn('tag.get', info.category_id),
      }
    )
  }

  /** Returns undefined if the category does not exist, or may not be read. */
  async category(id: string, options: CallOptions): Promise<CategoryDefinition | undefined> {
    const info = await this.#definition({ name: 'category', id }, options)
    return (
      info && {
        id,
        name: textIn('category.get', info.name),
        description: typeof info.description === 'string' ? info.description : '',
        cardinality: info.cardinality === 'SINGLE' ? 'SINGLE' : 'MULTIPLE',
        associableTypes: idsIn('category.get', info.associable_types ?? null),
      }
    )
  }

  /** Returns the ids of the tags of each object, by its moid. An object without tags may be missing. */
  async tagsOn(
    objects: readonly ManagedObjectReference[],
    options: CallOptions,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const action = 'list-attached-tags-on-objects'
    const found = new Map<string, readonly string[]>()
    for (let at = 0; at < objects.length; at += maxObjectsPerCall) {
      const body = { object_ids: objects.slice(at, at + maxObjectsPerCall).map(toObjectId) }
      const rows = await this.#session.call({ name: 'tag-association', action, body }, options)
      for (const { object_id: object, tag_ids: ids } of rowsIn(action, rows))
        found.set(moidIn(action, object), idsIn(action, ids))
    }
    return found
  }

  /** Returns the moids of the objects that have at least one of these tags. */
  async objectsWith(tagIds: readonly string[], options: CallOptions): Promise<ReadonlySet<string>> {
    const action = 'list-attached-objects-on-tags'
    const moids = new Set<string>()
    for (let at = 0; at < tagIds.length; at += maxObjectsPerCall) {
      const body = { tag_ids: tagIds.slice(at, at + maxObjectsPerCall) }
      const rows = await this.#session.call({ name: 'tag-association', action, body }, options)
      for (const { object_ids: objects } of rowsIn(action, rows))
        for (const each of listIn(action, objects)) moids.add(moidIn(action, each))
    }
    return moids
  }

  /** Attaches a tag to objects, or detaches it. Sent once. */
  async change(
    action: AssociationAction,
    tagId: string,
    objects: readonly ManagedObjectReference[],
    options: CallOptions,
    onSent?: VapiRequest['onSent'],
  ): Promise<BatchResult> {
    const result = await this.#session.call(
      {
        name: 'tag-association',
        id: tagId,
        action: action === 'attach' ? 'attach-tag-to-multiple-objects' : 'detach-tag-from-multiple-objects',
        body: { object_ids: objects.map(toObjectId) },
        isWrite: true,
        onSent,
      },
      options,
    )
    const { success, error_messages: messages } = (result ?? {}) as Record<string, unknown>
    // An empty response proves nothing: that of vcsim to the removal of a tag has no effect.
    return { isSuccess: success === true, messages: serverMessages(messages) }
  }

  async #definition(
    request: VapiRequest,
    options: CallOptions,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      const info = await this.#session.call(request, options)
      if (typeof info === 'object' && info !== null) return info as Readonly<Record<string, unknown>>
    } catch (error) {
      if (error instanceof VapiError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
    throw invalid(`${request.name}.get`)
  }
}

const toObjectId = ({ type, value }: ManagedObjectReference) => ({ type, id: value })

const invalid = (label: string): VapiError =>
  new VapiError('INVALID_RESPONSE', `${label} returned a response that is not the JSON of the API`)

function listIn(label: string, value: unknown): readonly unknown[] {
  // vcsim returns null for an empty list. An empty response is none: conditions on tags would hold for objects that do not meet them.
  if (value === null) return []
  if (!Array.isArray(value)) throw invalid(label)
  return value
}

function textIn(label: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(label)
  return value
}

const idsIn = (label: string, value: unknown): string[] =>
  listIn(label, value).map((each) => textIn(label, each))

const rowsIn = (label: string, value: unknown) =>
  listIn(label, value).map((each) => {
    if (typeof each !== 'object' || each === null) throw invalid(label)
    return each as Readonly<Record<string, unknown>>
  })

const moidIn = (label: string, object: unknown): string =>
  textIn(label, (object as { id?: unknown } | null | undefined)?.id)
