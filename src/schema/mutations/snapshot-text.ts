// What people call a snapshot, on its way to vSphere: checked, and the name escaped.

import { isXmlText } from '../../soap/xml.ts'
import { escapeName } from '../../vim25/inventory-path.ts'
import { badInput } from '../errors/api-error.ts'

export function toVimSnapshotName(name: string): string {
  if (name.trim() === '') throw badInput('name is empty')
  return escapeName(assertXmlText(name))
}

export const toVimSnapshotDescription = (description: string): string => assertXmlText(description)

function assertXmlText(text: string): string {
  if (isXmlText(text)) return text
  throw badInput('name or description has control characters, which vSphere does not take')
}
