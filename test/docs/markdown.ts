// What the documents hold that can be tried: code blocks and links.

import { readFileSync } from 'node:fs'

/** A file of the project, by its path from the top. */
export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The blocks of code in a language. */
export const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block as string,
  )

/** Links to files of the project and to headings in them; the file is empty where it is the same one. */
export const linksOf = (text: string): { file: string; heading: string | undefined }[] =>
  [...text.matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)].map(([, file, heading]) => ({
    file: file as string,
    heading,
  }))
