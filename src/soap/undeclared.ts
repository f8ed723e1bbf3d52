// Finds undeclared elements in a call. Decoding omits them, so a server must reject the call instead of ignoring them.

import { type Field, fieldsOf, isDataObject, isEnum, isPrimitive } from './type-registry.ts'
import type { XmlElement } from './xml/xml.ts'

/**
 * Finds the first undeclared argument, or undeclared field of an argument.
 * @returns its path, such as `spec.vAppConfig`; undefined if everything is declared
 */
export function findUndeclared(call: XmlElement, params: readonly Field[]): string | undefined {
  return findInFields(call, new Map(params.map((param) => [param.name, param])), '', new Set(['_this']))
}

function findInFields(
  element: XmlElement,
  fields: ReadonlyMap<string, Field>,
  prefix: string,
  ignored: ReadonlySet<string> = new Set(),
): string | undefined {
  for (const child of element.children) {
    if (ignored.has(child.name)) continue
    const field = fields.get(child.name)
    const path = `${prefix}${child.name}`
    const found = field ? findInValue(child, field.type, path) : path
    if (found !== undefined) return found
  }
  return undefined
}

function findInValue(element: XmlElement, declared: string, path: string): string | undefined {
  if (declared === 'ManagedObjectReference' || isPrimitive(declared) || isEnum(declared)) {
    // An anyType that is a data object names its type in xsi:type. A simple value has no child elements.
    if (declared !== 'anyType' || element.children.length === 0) return undefined
  }
  const type = element.xsiType ?? declared
  if (!isDataObject(type)) return `${path} (${type})`
  return findInFields(element, fieldsOf(type) ?? new Map(), `${path}.`)
}
