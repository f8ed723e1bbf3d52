// Elements -> values by declared type, from events: the one place that knows how an element is read, whether it comes out of
// a document that is read whole (codec.ts) or of one that is still arriving (reply-decoder.ts).

import { decodePrimitive } from './primitives.ts'
import { type ReplyLimits, replyLimits, tooLarge } from './reply-limits.ts'
import { type Member, type Shape, shapeOf, shapeOfItem, shapeOfMember } from './decode-plan.ts'
import { SoapError } from './soap-error.ts'
import { localName } from './xml.ts'
import type { XmlHandler, XmlTag } from './xml-events.ts'

/** An element that is open. */
interface Frame {
  readonly parent: Frame | undefined
  readonly depth: number
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

/** Far more than any value has. What is open is kept, and looking for what a bad one spoils goes through all of it. */
export const deepest = 500

/** Takes a field's items as they end; they are then not kept. */
export type TakeItem = (item: unknown) => void

/** What of a reply is read, and how much of it there may be. */
export interface Reading {
  /** Whether anyone reads what is in the items of arrays that are of a type; of others only the type is told. @default all */
  readonly isRead?: ((typeName: string) => boolean) | undefined
  /** Whether anyone reads the value of a property, by its path; others are skipped. @default all */
  readonly isRequested?: ((path: string) => boolean) | undefined
  readonly limits?: ReplyLimits | undefined
}

const all = () => true

/** Decodes one element: open it, pass on the events of its content, close it. */
export class ValueDecoder implements XmlHandler {
  readonly #declared: string
  readonly #take: ReadonlyMap<string, TakeItem> | undefined
  readonly #isRead: (typeName: string) => boolean
  readonly #isRequested: (path: string) => boolean
  readonly #mostValues: number
  readonly #mostCharacters: number
  /** The innermost that is open. */
  #frame: Frame | undefined
  #skipping = 0
  /** Since the last item was handed over. */
  #values = 0
  #characters = 0
  #value: unknown

  /** `take`: who takes the items of the element's own fields, by name. */
  constructor(
    declared: string,
    take?: ReadonlyMap<string, TakeItem>,
    { isRead = all, isRequested = all, limits = replyLimits }: Reading = {},
  ) {
    this.#declared = declared
    this.#take = take
    this.#isRead = isRead
    this.#isRequested = isRequested
    this.#mostValues = limits.values
    this.#mostCharacters = limits.characters
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
      if (this.#skipping > deepest) throw tooDeep(tag)
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
    if (!member) {
      // What failed while it was being written ends so on some servers; no field and no type is called that.
      if (localName(tag.name) === 'Fault') throw new SoapError('a fault stands within a result')
      // An area in an element of another name would be missing from the map without an error.
      if (mapTypes.has(parent.shape.typeName))
        throw new SoapError(`a ${parent.shape.typeName} has an unknown element <${tag.name}>`)
      if (parent.shape.kind !== 'array') {
        this.#skipping = 1
        return
      }
    }
    this.#values += 1
    if (this.#values > this.#mostValues) throw tooLarge('values', this.#mostValues)
    if (member?.isPropertyValue) {
      // One that comes before its name is read in any case.
      const { name } = parent.value as { readonly name?: string }
      if (name !== undefined && !this.#isRequested(name)) {
        this.#skipping = 1
        return
      }
    }
    try {
      const shape = member ? shapeOfMember(member, tag) : shapeOfItem(tag, this.#isRead)
      this.#frame = frameOf(shape, parent, member, tag)
    } catch (error) {
      spoil(error, parent)
      this.#skipping = 1
    }
  }

  text(piece: string): void {
    const frame = this.#frame
    if (this.#skipping > 0 || !frame) return
    const { kind, typeName } = frame.shape
    if (kind === 'object' || kind === 'array') {
      // Such as elements that were escaped on their way: what they say would be missed.
      if (checkedTypes.has(typeName) && /\S/.test(piece))
        spoil(new SoapError(`a ${typeName} has text beside its elements`), frame)
      return
    }
    this.#characters += piece.length
    if (this.#characters > this.#mostCharacters) throw tooLarge('characters', this.#mostCharacters)
    frame.text = frame.text === '' ? piece : frame.text + piece
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
    if (take) {
      this.#values = this.#characters = 0
      take(value)
    } else if (!repeated) {
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
  const depth = (parent?.depth ?? 0) + 1
  if (depth > deepest) throw tooDeep(tag)
  return { parent, depth, shape, member, tag, value, text: '', hasChildren: false, problem: undefined }
}

const tooDeep = ({ name }: XmlTag) => new SoapError(`<${name}> is nested more than ${deepest} levels deep`)

/** What cannot be read within the value of one property is that property's error, in place of its value, and no other's. */
function spoil(error: unknown, within: Frame): void {
  let property: Frame | undefined = within
  while (property && !isPropertyValue(property)) property = property.parent
  if (!property || !(error instanceof SoapError)) throw error
  property.problem ??= error
}

const isPropertyValue = ({ member }: Frame): boolean => member?.isPropertyValue === true

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

/** Types of a map of changed areas, which must be complete: no unknown element is skipped in them. */
const mapTypes: ReadonlySet<string> = new Set(['DiskChangeExtent', 'DiskChangeInfo'])

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
