// Elements -> values by declared type, from events: the one place that knows how an element is read, whether it comes out of
// a document that is read whole (codec.ts) or of one that is still arriving (reply-decoder.ts).

import { decodePrimitive } from './primitives.ts'
import { SoapError } from './soap-error.ts'
import { type Field, fieldsOf, isDataObject, isEnum, isPrimitive, isSubtype } from './vim-types.ts'
import { localName } from './xml.ts'
import type { XmlHandler, XmlTag } from './xml-events.ts'

/** What an element is read as, once its declared type and its xsi:type are known. All have the same properties: V8 then reads them faster. */
interface Shape {
  readonly kind:
    | 'object'
    /** An ArrayOfX: its children are the items. */
    | 'array'
    | 'reference'
    | 'text'
    /** An anyType of a type that we do not declare: an enumeration or simple type if it is text, else an empty object. */
    | 'undeclared'
  /** Of a text, the simple type that it is. */
  readonly typeName: string
  /** Of an object, its fields by name. */
  readonly members: ReadonlyMap<string, Member>
}

/** A field of an object, and how it is read where no xsi:type says otherwise, which is nearly everywhere. */
interface Member extends Field {
  plain: Shape | undefined
}

/** An element that is open. */
interface Frame {
  readonly parent: Frame | undefined
  readonly shape: Shape
  /** Where its value goes; undefined for the first element and for the items of an array. */
  readonly member: Member | undefined
  readonly tag: XmlTag
  readonly value: unknown
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
  /** The innermost that is open. */
  #frame: Frame | undefined
  #skipping = 0
  #value: unknown

  /** `take`: who takes the items of the element's own fields, by name. */
  constructor(declared: string, take?: ReadonlyMap<string, TakeItem>) {
    this.#declared = declared
    this.#take = take
  }

  /** Whether the element has been closed. */
  get isDone(): boolean {
    return this.#frame === undefined
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
    const parent = this.#frame
    if (!parent) {
      this.#frame = frameOf(shapeOf(this.#declared, tag), undefined, undefined, tag)
      return
    }
    parent.hasChildren = true
    const { members } = parent.shape
    const member = members.get(tag.name) ?? members.get(localName(tag.name))
    if (!member && parent.shape.kind !== 'array') {
      this.#skipping = 1
      return
    }
    try {
      const shape = member ? shapeOfMember(member, tag) : shapeOfItem(tag)
      this.#frame = frameOf(shape, parent, member, tag)
    } catch (error) {
      spoil(error, parent)
      this.#skipping = 1
    }
  }

  text(piece: string): void {
    const frame = this.#frame
    if (this.#skipping > 0 || !frame) return
    const { kind } = frame.shape
    if (kind !== 'object' && kind !== 'array') frame.text = frame.text === '' ? piece : frame.text + piece
  }

  close(): void {
    if (this.#skipping > 0) {
      this.#skipping -= 1
      return
    }
    const frame = this.#frame as Frame
    const { parent, member } = frame
    this.#frame = parent
    let value: unknown
    try {
      if (frame.shape.kind === 'object') this.#checkFields(frame)
      value = decoded(frame)
    } catch (error) {
      spoil(error, frame)
    }
    if (frame.problem) value = frame.problem
    if (!parent) this.#value = value
    else if (member) this.#assign(parent, member, value)
    else (parent.value as unknown[]).push(value)
  }

  #assign(parent: Frame, { name, repeated }: Member, value: unknown): void {
    const object = parent.value as Record<string, unknown>
    const take = parent.parent ? undefined : this.#take?.get(name)
    if (take) take(value)
    else if (!repeated) {
      // Which of two is meant nobody can tell.
      if (object[name] !== undefined) throw new SoapError(`<${name}> stands twice where it can stand once`)
      object[name] = value
    } else if (object[name] === undefined) object[name] = [value]
    else (object[name] as unknown[]).push(value)
  }

  /** Of the answers' own frame everything required must be there; of what it carries a server may leave things out. */
  #checkFields({ shape, value, parent }: Frame): void {
    if (!checkedTypes.has(shape.typeName)) return
    for (const { name, optional, type } of shape.members.values()) {
      if (optional || (value as Record<string, unknown>)[name] !== undefined) continue
      if (!parent && this.#take?.has(name)) continue
      throw new SoapError(`a ${shape.typeName} comes without its ${name}, a ${type}`)
    }
  }
}

// A frame for each element, not frames used again: writing what is new into what is old costs the garbage collector more.
function frameOf(shape: Shape, parent: Frame | undefined, member: Member | undefined, tag: XmlTag): Frame {
  const value =
    shape.kind === 'object' ? { _typeName: shape.typeName } : shape.kind === 'array' ? [] : undefined
  return { parent, shape, member, tag, value, text: '', hasChildren: false, problem: undefined }
}

/** What cannot be read within the value of one property is that property's error, in place of its value, and no other's. */
function spoil(error: unknown, within: Frame): void {
  let property: Frame | undefined = within
  while (property && !isPropertyValue(property)) property = property.parent
  if (!property || !(error instanceof SoapError)) throw error
  property.problem ??= error
}

const isPropertyValue = ({ member, parent }: Frame): boolean =>
  member?.name === 'val' && parent?.shape.kind === 'object' && parent.shape.typeName === 'DynamicProperty'

function decoded({ shape, tag, value, text, hasChildren }: Frame): unknown {
  switch (shape.kind) {
    case 'object':
    case 'array':
      return value
    case 'text':
      return shape.typeName === 'string' ? text : decodePrimitive(text, shape.typeName, tag.name)
    case 'undeclared':
      return hasChildren || text === '' ? { _typeName: shape.typeName } : text
    case 'reference': {
      const { type, serverGuid } = tag
      if (type === undefined) throw new SoapError(`<${tag.name}> should be a reference but has no type`)
      return serverGuid === undefined ? { type, value: text } : { type, value: text, serverGuid }
    }
  }
}

const noMembers: ReadonlyMap<string, Member> = new Map()
const array: Shape = { kind: 'array', typeName: '', members: noMembers }
const reference: Shape = { kind: 'reference', typeName: '', members: noMembers }
const string: Shape = { kind: 'text', typeName: 'string', members: noMembers }

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

const shapes = new Map<string, Map<string | undefined, Shape>>()

function shapeOfMember(member: Member, tag: XmlTag): Shape {
  if (tag.xsiType !== undefined || member.type === 'anyType') return shapeOf(member.type, tag)
  member.plain ??= shapeOf(member.type, tag)
  return member.plain
}

/** How an element of a declared type is read; its xsi:type may name a subtype. */
function shapeOf(declared: string, tag: XmlTag): Shape {
  const { xsiType } = tag
  // Without an xsi:type only references can be told; text is the one reading that invents nothing.
  if (xsiType === undefined && declared === 'anyType') return tag.type === undefined ? string : reference
  let known = shapes.get(declared)
  if (!known) {
    known = new Map()
    shapes.set(declared, known)
  }
  let shape = known.get(xsiType)
  if (!shape) {
    shape = declared === 'anyType' ? shapeOfAny(xsiType as string, tag) : workOut(declared, tag)
    // Names that a server makes up are not collected.
    if (xsiType === undefined || isDeclared(xsiType)) known.set(xsiType, shape)
  }
  return shape
}

function shapeOfAny(xsiType: string, tag: XmlTag): Shape {
  if (xsiType.startsWith('ArrayOf')) return array
  if (xsiType === 'anyType') return string
  if (isDeclared(xsiType)) return shapeOf(xsiType, tag)
  return { kind: 'undeclared', typeName: xsiType, members: noMembers }
}

function workOut(declared: string, { name, xsiType }: XmlTag): Shape {
  if (declared === 'ManagedObjectReference') return reference
  if (isPrimitive(declared)) return { kind: 'text', typeName: declared, members: noMembers }
  if (isEnum(declared)) return string
  const typeName = xsiType ?? declared
  const own = fieldsOf(typeName)
  // A type that a newer server made up reads as the declared one that it stands for.
  if (own && isDataObject(declared) && !isSubtype(typeName, declared)) {
    throw new SoapError(`<${name}> should be a ${declared} but is a ${typeName}`)
  }
  return { kind: 'object', typeName, members: membersOf(own ? typeName : declared) }
}

const membersByType = new Map<string, ReadonlyMap<string, Member>>()

function membersOf(typeName: string): ReadonlyMap<string, Member> {
  let members = membersByType.get(typeName)
  if (!members) {
    const fields = fieldsOf(typeName)
    if (!fields) return noMembers
    members = new Map([...fields].map(([name, field]) => [name, { ...field, plain: undefined }]))
    membersByType.set(typeName, members)
  }
  return members
}

// The items of an array are called by their declared type. vcsim leaves their xsi:type off; real servers write it, and it
// may be one that we do not declare.
function shapeOfItem(tag: XmlTag): Shape {
  const name = localName(tag.name)
  if (isDataObject(name)) return shapeOf(name, tag)
  if (tag.type !== undefined) return reference
  return shapeOf('anyType', tag.xsiType === undefined ? { ...tag, xsiType: name } : tag)
}
