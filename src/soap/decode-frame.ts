// The open elements of a document that is being decoded: their values, and the decode errors in them.

import type { DecodePlan, Member } from './decode-plan.ts'
import { decodePrimitive, plainInteger } from './primitives.ts'
import { SoapError } from './soap-error.ts'
import type { XmlTag } from './xml/xml.ts'

/** An open element that is an object, an array or of an undeclared type. */
export interface Frame {
  readonly parent: Frame | undefined
  readonly depth: number
  readonly plan: DecodePlan
  /** The field of the parent that receives the value; undefined for the outermost element and for the items of an array. */
  readonly member: Member | undefined
  readonly value: unknown
  text: string
  hasChildren: boolean
  /** The position of the last field with a value, and the number of required fields with one. */
  lastIndex: number
  required: number
  /** The first decode error in the value of a property; it replaces that value. */
  decodeError: SoapError | undefined
}

// Not created by literals: V8 allocates the results of a literal as old objects once many of them have lived long. Then short
// strings in objects that are dropped at once are copied by the garbage collector, which took a third of all time.

export function newObject(typeName: string): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  object._typeName = typeName
  return object
}

const noItems: readonly unknown[] = []
const oneItem: readonly unknown[] = [undefined]

/** Creates an array of one item. The first `push` to an empty array would allocate space for 17. */
function newArray(item: unknown): unknown[] {
  const items = oneItem.slice()
  items[0] = item
  return items
}

/** Creates the frame of an element. Frames are not reused: storing new objects in old ones costs the garbage collector more. */
export function createFrame(plan: DecodePlan, parent: Frame | undefined, member: Member | undefined): Frame {
  const value =
    plan.kind === 'object' ? newObject(plan.typeName) : plan.kind === 'array' ? noItems.slice() : undefined
  const depth = (parent?.depth ?? 0) + 1
  return {
    parent,
    depth,
    plan,
    member,
    value,
    text: '',
    hasChildren: false,
    lastIndex: -1,
    required: 0,
    decodeError: undefined,
  }
}

/** Records a decode error as the value of the property that contains it. Throws it if it is in no property, or not a SoapError. */
export function attachDecodeError(error: unknown, within: Frame | undefined): void {
  let property = within
  while (property && property.member?.isPropertyValue !== true) property = property.parent
  if (!property || !(error instanceof SoapError)) throw error
  property.decodeError ??= error
}

/**
 * Assigns a value to a field of an object.
 * @throws SoapError if the field has a value, unless it is repeated
 */
export function assignField(frame: Frame, { name, index, repeated, optional }: Member, value: unknown): void {
  const object = frame.value as Record<string, unknown>
  if (!optional) frame.required += 1
  if (index > frame.lastIndex) {
    // In the declared order, as servers write them, so that it has no value yet.
    frame.lastIndex = index
    object[name] = repeated ? newArray(value) : value
  } else if (!repeated) {
    // With two values it is undefined which one applies.
    if (object[name] !== undefined) throw new SoapError(`<${name}> occurs more than once`)
    object[name] = value
  } else if (object[name] === undefined) object[name] = newArray(value)
  else (object[name] as unknown[]).push(value)
}

/** Returns the value of a closed element of an undeclared type. */
export const undeclaredValue = ({ plan, text, hasChildren }: Frame): unknown =>
  hasChildren || text === '' ? { _typeName: plan.typeName } : text

/** Returns the value of an element that has only text, which is a part of a string. */
export function leafValue(plan: DecodePlan, tag: XmlTag, source: string, from: number, to: number): unknown {
  switch (plan.kind) {
    case 'integer':
      return (
        plainInteger(source, from, to) ?? decodePrimitive(source.slice(from, to), plan.typeName, tag.name)
      )
    case 'simple':
      return decodePrimitive(source.slice(from, to), plan.typeName, tag.name)
    case 'reference': {
      const { type, serverGuid } = tag
      if (type === undefined) throw new SoapError(`<${tag.name}> is a reference without a type`)
      const value = source.slice(from, to)
      const reference: Record<string, unknown> = {}
      reference.type = type
      reference.value = value
      if (serverGuid !== undefined) reference.serverGuid = serverGuid
      return reference
    }
    default:
      return source.slice(from, to)
  }
}
