// Elements -> values by declared type, from events: the one place that knows how an element is read, whether it comes out of
// a document that is read whole (codec.ts) or of one that is still arriving (reply-decoder.ts).

import { decodePrimitive } from './primitives.ts'
import { SoapError } from './soap-error.ts'
import { type Field, fieldsOf, isDataObject, isEnum, isPrimitive, isSubtype } from './vim-types.ts'
import type { XmlHandler, XmlTag } from './xml-events.ts'

/** What an element is read as, once its declared type and its xsi:type are known. */
type Shape =
  | { readonly kind: 'object'; readonly typeName: string; readonly fields: ReadonlyMap<string, Field> }
  /** An ArrayOfX: its children are the items. */
  | { readonly kind: 'array' }
  | { readonly kind: 'reference' }
  | { readonly kind: 'text'; readonly type: string }
  /** An anyType of a type that we do not declare: an enumeration or simple type if it is text, else an empty object. */
  | { readonly kind: 'undeclared'; readonly typeName: string }

interface Frame {
  shape: Shape
  field: Field | undefined
  tag: XmlTag
  value: unknown
  text: string
  hasChildren: boolean
  /** Why the value of a property that it holds cannot be read. */
  problem: SoapError | undefined
}

/** Takes a field's items as they end; they are then not kept. */
export type TakeItem = (item: unknown) => void

/** Decodes one element: open it, pass on the events of its content, close it. */
export class ValueDecoder implements XmlHandler {
  readonly #declared: string
  readonly #take: ReadonlyMap<string, TakeItem> | undefined
  readonly #frames: Frame[] = []
  #depth = 0
  #skipping = 0
  #value: unknown

  /** `take`: who takes the items of the element's own fields, by name. */
  constructor(declared: string, take?: ReadonlyMap<string, TakeItem>) {
    this.#declared = declared
    this.#take = take
  }

  /** Whether the element has been closed. */
  get isDone(): boolean {
    return this.#depth === 0
  }

  /** Of the element, once it is closed. */
  get value(): unknown {
    return this.#value
  }

  open(tag: XmlTag): void {
    if (this.#skipping > 0) {
      this.#skipping += 1
      return
    }
    const parent = this.#frames[this.#depth - 1]
    if (!parent) {
      this.#push(shapeOf(this.#declared, tag), undefined, tag)
      return
    }
    parent.hasChildren = true
    const field = parent.shape.kind === 'object' ? parent.shape.fields.get(tag.name) : undefined
    if (!field && parent.shape.kind !== 'array') {
      this.#skipping = 1
      return
    }
    try {
      this.#push(field ? shapeOf(field.type, tag) : shapeOfItem(tag), field, tag)
    } catch (error) {
      this.#spoil(error)
      this.#skipping = 1
    }
  }

  text(piece: string): void {
    const frame = this.#frames[this.#depth - 1]
    if (this.#skipping > 0 || !frame) return
    const { kind } = frame.shape
    if (kind !== 'object' && kind !== 'array') frame.text = frame.text === '' ? piece : frame.text + piece
  }

  close(): void {
    if (this.#skipping > 0) {
      this.#skipping -= 1
      return
    }
    this.#depth -= 1
    const frame = this.#frames[this.#depth] as Frame
    let value: unknown
    try {
      if (frame.shape.kind === 'object')
        this.#checkFields(frame.shape, frame.value as Record<string, unknown>)
      value = decoded(frame)
    } catch (error) {
      this.#spoil(error, frame)
    }
    if (frame.problem) value = frame.problem
    frame.value = undefined
    frame.problem = undefined
    const parent = this.#frames[this.#depth - 1]
    if (!parent) this.#value = value
    else if (frame.field) this.#assign(parent.value as Record<string, unknown>, frame.field, value)
    else (parent.value as unknown[]).push(value)
  }

  /** What cannot be read within the value of one property is that property's error, in place of its value, and no other's. */
  #spoil(error: unknown, closing?: Frame): void {
    const open = closing
      ? [...this.#frames.slice(0, this.#depth), closing]
      : this.#frames.slice(0, this.#depth)
    const property = open.findLast(
      ({ field }, index) => field?.name === 'val' && isDynamicProperty(open[index - 1]?.shape),
    )
    if (!property || !(error instanceof SoapError)) throw error
    property.problem ??= error
  }

  #assign(object: Record<string, unknown>, { name, repeated }: Field, value: unknown): void {
    const take = this.#depth === 1 ? this.#take?.get(name) : undefined
    if (take) take(value)
    else if (!repeated) {
      // Which of two is meant nobody can tell.
      if (object[name] !== undefined) throw new SoapError(`<${name}> stands twice where it can stand once`)
      object[name] = value
    } else if (object[name] === undefined) object[name] = [value]
    else (object[name] as unknown[]).push(value)
  }

  /** Of the answers' own frame everything required must be there; of what it carries a server may leave things out. */
  #checkFields(
    { typeName, fields }: { typeName: string; fields: ReadonlyMap<string, Field> },
    value: Record<string, unknown>,
  ): void {
    if (!checkedTypes.has(typeName)) return
    for (const { name, optional, type } of fields.values()) {
      if (optional || value[name] !== undefined || (this.#depth === 0 && this.#take?.has(name))) continue
      throw new SoapError(`a ${typeName} comes without its ${name}, a ${type}`)
    }
  }

  // Frames are used again by depth: a large answer opens hundreds of thousands of elements.
  #push(shape: Shape, field: Field | undefined, tag: XmlTag): void {
    const value =
      shape.kind === 'object' ? { _typeName: shape.typeName } : shape.kind === 'array' ? [] : undefined
    const frame = this.#frames[this.#depth]
    if (!frame)
      this.#frames.push({ shape, field, tag, value, text: '', hasChildren: false, problem: undefined })
    else {
      frame.shape = shape
      frame.field = field
      frame.tag = tag
      frame.value = value
      frame.text = ''
      frame.hasChildren = false
    }
    this.#depth += 1
  }
}

function decoded({ shape, tag, value, text, hasChildren }: Frame): unknown {
  switch (shape.kind) {
    case 'object':
    case 'array':
      return value
    case 'text':
      return shape.type === 'string' ? text : decodePrimitive(text, shape.type, tag.name)
    case 'undeclared':
      return hasChildren || text === '' ? { _typeName: shape.typeName } : text
    case 'reference': {
      const { type, serverGuid } = tag
      if (type === undefined) throw new SoapError(`<${tag.name}> should be a reference but has no type`)
      return serverGuid === undefined ? { type, value: text } : { type, value: text, serverGuid }
    }
  }
}

const isDynamicProperty = (shape: Shape | undefined): boolean =>
  shape?.kind === 'object' && shape.typeName === 'DynamicProperty'

const array: Shape = { kind: 'array' }
const reference: Shape = { kind: 'reference' }
const string: Shape = { kind: 'text', type: 'string' }

const isDeclared = (type: string): boolean =>
  isPrimitive(type) || isEnum(type) || isDataObject(type) || type === 'ManagedObjectReference'

/** What is read without asking whether it is there. */
const checkedTypes: ReadonlySet<string> = new Set([
  'DiskChangeExtent',
  'DiskChangeInfo',
  'DynamicProperty',
  'LocalizedMethodFault',
  'MissingProperty',
  'ObjectContent',
  'ObjectUpdate',
  'ServiceContent',
  'UpdateSet',
  'VirtualMachineSnapshotTree',
])

const noFields: ReadonlyMap<string, Field> = new Map()
const shapes = new Map<string, Map<string | undefined, Shape>>()

/** How an element of a declared type is read; its xsi:type may name a subtype. */
function shapeOf(declared: string, tag: XmlTag): Shape {
  const { xsiType } = tag
  if (declared === 'anyType') {
    // Without an xsi:type only references can be told; text is the one reading that invents nothing.
    if (xsiType === undefined) return tag.type === undefined ? string : reference
    if (xsiType.startsWith('ArrayOf')) return array
    if (xsiType === 'anyType') return string
    return isDeclared(xsiType) ? shapeOf(xsiType, tag) : { kind: 'undeclared', typeName: xsiType }
  }
  let known = shapes.get(declared)
  if (!known) {
    known = new Map()
    shapes.set(declared, known)
  }
  let shape = known.get(xsiType)
  if (!shape) {
    shape = workOut(declared, tag)
    // Names that a server makes up are not collected.
    if (xsiType === undefined || isDeclared(xsiType)) known.set(xsiType, shape)
  }
  return shape
}

function workOut(declared: string, { name, xsiType }: XmlTag): Shape {
  if (declared === 'ManagedObjectReference') return reference
  if (isPrimitive(declared)) return { kind: 'text', type: declared }
  if (isEnum(declared)) return string
  const typeName = xsiType ?? declared
  const own = fieldsOf(typeName)
  // A type that a newer server made up reads as the declared one that it stands for.
  if (own && isDataObject(declared) && !isSubtype(typeName, declared)) {
    throw new SoapError(`<${name}> should be a ${declared} but is a ${typeName}`)
  }
  return { kind: 'object', typeName, fields: own ?? fieldsOf(declared) ?? noFields }
}

// The items of an array are called by their declared type. vcsim leaves their xsi:type off; real servers write it, and it
// may be one that we do not declare.
function shapeOfItem(tag: XmlTag): Shape {
  if (isDataObject(tag.name)) return shapeOf(tag.name, tag)
  if (tag.type !== undefined) return reference
  return shapeOf('anyType', tag.xsiType === undefined ? { ...tag, xsiType: tag.name } : tag)
}
