// Validates the name and description of a snapshot, and escapes the name for vSphere.

import { isXmlText } from '../../soap/xml/xml.ts'
import { escapeName } from '../../vim25/inventory-path.ts'
import { badInput } from '../errors/api-error.ts'

/** @throws ApiError BAD_USER_INPUT if the name is empty or has control characters */
export function toVimSnapshotName(name: string): string {
  if (name.trim() === '')
    throw badInput('name is empty', 'Pass a name by which people recognize the snapshot.')
  return escapeName(assertXmlText(name))
}

/** @throws ApiError BAD_USER_INPUT if the description has control characters */
export const toVimSnapshotDescription = (description: string): string => assertXmlText(description)

function assertXmlText(text: string): string {
  if (isXmlText(text)) return text
  throw badInput(
    'name or description has control characters, which vSphere does not accept',
    'Remove them. Line breaks and tabs are allowed.',
  )
}
