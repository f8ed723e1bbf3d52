// Extracts the testable parts of the documents: code blocks and links.

import { readFileSync } from 'node:fs'

/** Reads a file of the project by its path from the root. */
export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Returns a section, from a heading such as `## Size` to the next heading of the same or a higher level. */
export function section(text: string, heading: string): string {
  const [, rest = ''] = text.split(`\n${heading}\n`)
  const rank = heading.indexOf(' ')
  return rest.split(new RegExp(`\n#{1,${rank}} `), 1)[0] as string
}

/** Returns the code blocks in a language. */
export const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block as string,
  )

/** Returns the links to files of the project and to headings in them; the file is empty for links within the same document. */
export const linksOf = (text: string): { file: string; heading: string | undefined }[] =>
  [...text.matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)].map(([, file, heading]) => ({
    file: file as string,
    heading,
  }))

/** Returns the links of a document in docs/ to missing files or headings. */
export function deadLinksOf(name: string): string[] {
  const docs = read(`docs/${name}`)
  return linksOf(docs).flatMap(({ file, heading }) => {
    const target = file === '' ? docs : read(`docs/${file}`)
    const headings = [...target.matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
      (text as string)
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    return heading === undefined || headings.includes(heading) ? [] : [`${file}#${heading}`]
  })
}

/** Returns the rows of the first table of a text, split into cells. */
export const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row]) => (row as string).split(' | ')).slice(2)

/** Gives a response of a test gateway the request id and the vCenter name of the sample responses. */
export const likeSample = (response: unknown, requestId: string): unknown =>
  JSON.parse(
    JSON.stringify(response)
      .replaceAll(/"requestId":"[^"]+"/g, `"requestId":"${requestId}"`)
      .replaceAll('"test"', '"simulator"'),
  )
