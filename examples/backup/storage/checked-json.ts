// JSON files with a checksum of their content, so that damage is found also where the content stays valid.

import { sha256Of } from './chunks.ts'

export function formatChecked(content: object): string {
  const sha256 = sha256Of(JSON.stringify(content))
  return `${JSON.stringify({ ...content, sha256 }, undefined, 2)}\n`
}

/** @returns the content; undefined if it does not match its checksum, or is not valid */
export function parseChecked<T extends object>(
  text: string,
  isValid: (content: T) => boolean = () => true,
): T | undefined {
  try {
    const { sha256, ...content } = JSON.parse(text)
    return sha256 === sha256Of(JSON.stringify(content)) && isValid(content) ? content : undefined
  } catch {
    return undefined
  }
}
