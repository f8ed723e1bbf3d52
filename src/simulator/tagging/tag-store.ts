// The categories and tags of a simulated vCenter, and which objects have which tags.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom, createUuid } from '../random.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'

export interface SimulatedCategory {
  readonly id: string
  name: string
  description: string
  cardinality: 'SINGLE' | 'MULTIPLE'
  /** Empty for all types. */
  readonly associableTypes: string[]
}

export interface SimulatedTag {
  readonly id: string
  readonly categoryId: string
  name: string
  description: string
}

/** A rejected change, with the id and the text of its message. */
export class TaggingError extends Error {
  readonly status: number
  readonly messageId: string

  constructor(status: number, messageId: string, text: string) {
    super(text)
    this.status = status
    this.messageId = messageId
  }
}

const notFound = (what: string): TaggingError =>
  new TaggingError(404, 'cis.tagging.objectNotFound.error', `${what} was not found.`)

export class TagStore {
  readonly #inventory: SimulatedInventory
  readonly #seed: number
  readonly #categories = new Map<string, SimulatedCategory>()
  readonly #tags = new Map<string, SimulatedTag>()
  /** By tag id, the objects by moid. */
  readonly #objects = new Map<string, Map<string, ManagedObjectReference>>()
  /** By moid, the tag ids. */
  readonly #tagIds = new Map<string, Set<string>>()
  #count = 0

  constructor(inventory: SimulatedInventory, seed: number) {
    this.#inventory = inventory
    this.#seed = seed
    inventory.on('removed', ({ moid, ref }) => {
      for (const id of this.#tagIds.get(moid) ?? []) this.#remove(id, ref)
    })
  }

  get categories(): readonly SimulatedCategory[] {
    return [...this.#categories.values()]
  }

  get tags(): readonly SimulatedTag[] {
    return [...this.#tags.values()]
  }

  category(id: string): SimulatedCategory {
    const found = this.#categories.get(id)
    if (!found) throw notFound('The category')
    return found
  }

  tag(id: string): SimulatedTag {
    const found = this.#tags.get(id)
    if (!found) throw notFound('The tag')
    return found
  }

  /** Returns a tag by its names, for tests. */
  find(category: string, name: string): SimulatedTag {
    const found = this.tags.find(
      (tag) => tag.name === name && this.category(tag.categoryId).name === category,
    )
    if (!found) throw notFound(`${category}/${name}`)
    return found
  }

  addCategory({
    name,
    description = '',
    cardinality = 'SINGLE',
    associableTypes = [],
  }: Partial<Omit<SimulatedCategory, 'id'>> & { readonly name: string }): SimulatedCategory {
    if (this.categories.some((each) => each.name === name)) throw alreadyExists(name)
    const id = this.#newId('Category')
    const category = { id, name, description, cardinality, associableTypes: [...associableTypes] }
    this.#categories.set(id, category)
    return category
  }

  addTag({
    categoryId,
    name,
    description = '',
  }: Pick<SimulatedTag, 'categoryId' | 'name'> & { readonly description?: string }): SimulatedTag {
    this.category(categoryId)
    if (this.tags.some((each) => each.categoryId === categoryId && each.name === name))
      throw alreadyExists(name)
    const tag = { id: this.#newId('Tag'), categoryId, name, description }
    this.#tags.set(tag.id, tag)
    return tag
  }

  removeTag(id: string): void {
    this.tag(id)
    for (const ref of this.objectsOf(id)) this.#remove(id, ref)
    this.#tags.delete(id)
  }

  removeCategory(id: string): void {
    this.category(id)
    for (const tag of this.tags) if (tag.categoryId === id) this.removeTag(tag.id)
    this.#categories.delete(id)
  }

  objectsOf(tagId: string): ManagedObjectReference[] {
    return [...(this.#objects.get(tagId)?.values() ?? [])]
  }

  tagIdsOf({ value }: ManagedObjectReference): string[] {
    return [...(this.#tagIds.get(value) ?? [])]
  }

  /** Attaches a tag; nothing changes if the object has it. */
  attach(tagId: string, ref: ManagedObjectReference): void {
    const tag = this.tag(tagId)
    const { cardinality, associableTypes, id } = this.category(tag.categoryId)
    if (!this.#inventory.find(ref))
      throw new TaggingError(403, 'vapi.security.authorization.invalid', 'Unable to authorize user')
    const attached = this.tagIdsOf(ref)
    if (attached.includes(tagId)) return
    if (associableTypes.length > 0 && !associableTypes.includes(ref.type))
      throw new TaggingError(
        400,
        'cis.tagging.attach.invalidArgument.associableType.error',
        `The category cannot be associated with ${ref.type}.`,
      )
    if (cardinality === 'SINGLE' && attached.some((other) => this.tag(other).categoryId === id))
      throw new TaggingError(
        400,
        'cis.tagging.attach.invalidArgument.cardinality.error',
        `The object ${ref.value} already has a tag of the category, which allows one.`,
      )
    this.#objects.set(tagId, (this.#objects.get(tagId) ?? new Map()).set(ref.value, ref))
    this.#tagIds.set(ref.value, (this.#tagIds.get(ref.value) ?? new Set()).add(tagId))
  }

  /** Detaches a tag; nothing changes if the object does not have it. */
  detach(tagId: string, ref: ManagedObjectReference): void {
    this.tag(tagId)
    this.#remove(tagId, ref)
  }

  #remove(tagId: string, { value }: ManagedObjectReference): void {
    this.#objects.get(tagId)?.delete(value)
    this.#tagIds.get(value)?.delete(tagId)
  }

  #newId(kind: 'Category' | 'Tag'): string {
    this.#count += 1
    return `urn:vmomi:InventoryService${kind}:${createUuid(createRandom(this.#seed, kind, this.#count), '')}:GLOBAL`
  }
}

const alreadyExists = (name: string): TaggingError =>
  new TaggingError(400, 'cis.tagging.alreadyExists.error', `${name} already exists.`)
