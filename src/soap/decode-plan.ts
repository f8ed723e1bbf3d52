// What an element is read as: worked out once from its declared type and its xsi:type, and kept, as a large answer asks for
// each hundreds of thousands of times. value-decoder.ts reads by it.

import { SoapError } from './soap-error.ts'
import {
  type Field,
  fieldsOf,
  fieldsOfSubtypes,
  isDataObject,
  isEnum,
  isPrimitive,
  isSubtype,
} from './vim-types.ts'
import { localName } from './xml.ts'
import type { XmlTag } from './xml-events.ts'

/** What an element is read as, once its declared type and its xsi:type are known. All have the same properties: V8 then reads them faster. */
export interface Shape {
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
export interface Member extends Field {
  plain: Shape | undefined
  /** Whether it is the value of a property: what cannot be read in it is an error of that property alone. */
  readonly isPropertyValue: boolean
}

const noMembers: ReadonlyMap<string, Member> = new Map()
const array: Shape = { kind: 'array', typeName: '', members: noMembers }
const reference: Shape = { kind: 'reference', typeName: '', members: noMembers }
const string: Shape = { kind: 'text', typeName: 'string', members: noMembers }

const isDeclared = (type: string): boolean =>
  isPrimitive(type) || isEnum(type) || isDataObject(type) || type === 'ManagedObjectReference'

const shapes = new Map<string, Map<string | undefined, Shape>>()

export function shapeOfMember(member: Member, tag: XmlTag): Shape {
  if (tag.xsiType !== undefined || member.type === 'anyType') return shapeOf(member.type, tag)
  member.plain ??= shapeOf(member.type, tag)
  return member.plain
}

/** How an element of a declared type is read; its xsi:type may name a subtype. */
export function shapeOf(declared: string, tag: XmlTag): Shape {
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
  return { kind: 'object', typeName, members: own ? membersOf(typeName) : membersOfUnknown(declared) }
}

/**
 * Of a subtype that we do not declare, such as the backing of a disk on a newer server: it has the fields of its nearest
 * ancestor, whichever that is, and shows by its elements which they are. Not of a fault, which must be read in any case.
 */
function membersOfUnknown(declared: string): ReadonlyMap<string, Member> {
  if (isSubtype(declared, 'MethodFault')) return membersOf(declared)
  return membersFor(`subtypes of ${declared}`, declared, fieldsOfSubtypes)
}

const membersOf = (typeName: string): ReadonlyMap<string, Member> => membersFor(typeName, typeName, fieldsOf)

const membersByKey = new Map<string, ReadonlyMap<string, Member>>()

function membersFor(
  key: string,
  typeName: string,
  read: (typeName: string) => ReadonlyMap<string, Field> | undefined,
): ReadonlyMap<string, Member> {
  let members = membersByKey.get(key)
  if (!members) {
    const fields = read(typeName)
    if (!fields) return noMembers
    members = new Map(
      [...fields].map(([name, field]) => [
        name,
        { ...field, plain: undefined, isPropertyValue: typeName === 'DynamicProperty' && name === 'val' },
      ]),
    )
    membersByKey.set(key, members)
  }
  return members
}

// The items of an array are called by their declared type. vcsim leaves their xsi:type off; real servers write it, and it
// may be one that we do not declare.
export function shapeOfItem(tag: XmlTag, isRead: (typeName: string) => boolean): Shape {
  const name = localName(tag.name)
  if (isDataObject(name)) {
    const shape = shapeOf(name, tag)
    return isRead(shape.typeName)
      ? shape
      : { kind: 'undeclared', typeName: shape.typeName, members: noMembers }
  }
  if (tag.type !== undefined) return reference
  return shapeOf('anyType', tag.xsiType === undefined ? { ...tag, xsiType: name } : tag)
}
