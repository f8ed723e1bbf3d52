// What the documents hold that can be tried: code blocks and links.

import { readFileSync } from 'node:fs'

/** A file of the project, by its path from the top. */
export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** From a heading, such as `## Size`, to the next of its rank or above. */
export function section(text: string, heading: string): string {
  const [, rest = ''] = text.split(`\n${heading}\n`)
  const rank = heading.indexOf(' ')
  return rest.split(new RegExp(`\n#{1,${rank}} `), 1)[0] as string
}

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

/** Links of a document in docs/ that lead to no file, or to no heading in it. */
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
