// The search of examples by words.

import { expect, it } from 'vitest'
import { searchExamples } from '../../playground/src/examples/search.ts'
import { examplesDirectory, readExamples } from '../../src/server/playground/examples.ts'

const examples = readExamples(examplesDirectory, { readOnly: false, isSimulator: true })
const example = (title: string, description = '', query = '') => ({ title, description, query })
const titles = (search: string, of: readonly ReturnType<typeof example>[]) =>
  searchExamples(of, search).map(({ title }) => title)

it('finds examples with all words, those with all of them in the title first', () => {
  const of = [
    example('In the text', '', '{ alarms disks }'),
    example('Disks', 'And the alarms.'),
    example('Alarms of disks'),
    example('Disks alone'),
  ]
  expect(titles('DISKS  alarms', of)).toEqual(['Alarms of disks', 'Disks', 'In the text'])
  expect(titles('', of)).toHaveLength(4)
  expect(titles('nothing', of)).toEqual([])
})

it('finds the examples of the page by their titles before all others', () => {
  for (const { title } of examples) {
    const word = title.split(' ').at(-1) as string
    const found = titles(word, examples)
    const hasWord = found.map((each) => each.toLowerCase().includes(word.toLowerCase()))
    expect(hasWord.lastIndexOf(true), word).toBe(hasWord.filter(Boolean).length - 1)
  }
})
