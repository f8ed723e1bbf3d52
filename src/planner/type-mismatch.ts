// Checks retrieved values against the declared types of their paths. The xsi:type in the response decides how a
// value is decoded. If it differs from the declared type, a name could be used as a number.

import { SoapError } from '../soap/soap-error.ts'
import { isEnum, typeAtPath } from '../soap/type-registry.ts'

/**
 * Returns an error if a value is not of the declared type of its path; undefined if it is, or if the path is not
 * declared. The error affects only that property of that object.
 */
export function typeMismatch(type: string, path: string, value: unknown): SoapError | undefined {
  const declared = typeAtPath(type, path)
  if (!declared) return undefined
  const matches = declared.repeated
    ? Array.isArray(value) && value.every((each) => hasType(declared.type, each))
    : hasType(declared.type, value)
  if (matches) return undefined
  return new SoapError(`vSphere returned a value for ${type}.${path} that is not of type ${declared.type}`)
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'anyType':
      return true
    case 'boolean':
    case 'string':
      return typeof value === type
    case 'byte':
    case 'short':
    case 'int':
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'long':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'dateTime':
      return value instanceof Date
  }
  if (isEnum(type)) return typeof value === 'string'
  // Unknown subtypes are accepted; their known properties are read by name.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
