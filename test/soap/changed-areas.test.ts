// Changed areas are decoded in the same way for any chunks of the response, any content between the areas, and whether their
// tags are recognized or parsed.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReplyReader } from '../../src/soap/reply-decoder.ts'

const envelope = (content: string) =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>' +
  `<QueryChangedDiskAreasResponse xmlns="urn:vim25">${content}</QueryChangedDiskAreasResponse></soapenv:Body></soapenv:Envelope>`
const returned = (content: string) =>
  envelope(`<returnval><startOffset>0</startOffset><length>9</length>${content}</returnval>`)
const area = (start: number | string, length: number | string) =>
  `<changedArea><start>${start}</start><length>${length}</length></changedArea>`

/** All results of a response in order: its areas, and how it ends. */
function outcome(text: string, cuts: readonly number[], tags: 'recognized' | 'parsed') {
  const reported: unknown[] = []
  const take = (item: unknown) => void reported.push(item)
  // Each tag of this equivalent form is different, so that none is recognized.
  let spaces = 0
  const rewritten =
    tags === 'recognized' ? text : text.replace(/changedArea>/g, () => `changedArea${' '.repeat(++spaces)}>`)
  const reader = createReplyReader('QueryChangedDiskAreas', new Map([['changedArea', take]]))
  try {
    const ends = [...new Set(cuts.map((cut) => cut % (rewritten.length + 1)))].sort((a, b) => a - b)
    let from = 0
    for (const to of [...ends, rewritten.length]) {
      reader.write(rewritten.slice(from, to))
      from = to
    }
    reported.push(reader.end())
  } catch (error) {
    reported.push((error as Error).name)
  }
  return reported
}

const digits = fc.oneof(
  { weight: 8, arbitrary: fc.nat().map(String) },
  fc.constantFrom(
    '0',
    '007',
    '999999999999999',
    '1000000000000000',
    '9007199254740993',
    '99999999999999999999',
  ),
  fc.constantFrom('', '-5', '+5', ' 5', '5 ', '5e3', '0x5', '٥', '&#53;', 'x', '<b/>5'),
)
const between = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  fc.constantFrom(
    '\n  ',
    '<!-- -->',
    `<!-- ${area(1, 2)} -->`,
    `<!-- ${area(1, 2)}`,
    `<![CDATA[${area(1, 2)}]]>`,
    '<?pi </changedArea>?>',
    '<other/>',
    `<other>${area(3, 4)}</other>`,
    '<changedArea/>',
    '<changedArea><start>1</start></changedArea>',
    '<changedArea><length>1</length><start>2</start></changedArea>',
    '<changedArea xsi:type="DiskChangeExtent"><start>1</start><length>2</length></changedArea>',
    '<v:changedArea><start>1</start><length>2</length></v:changedArea>',
    '</changedArea>',
    '</returnval>',
    '</returnval><returnval>',
    '<changedArea>',
    '<changedArea><start>1</start><length>2',
    'text',
    '&amp;',
    '&undefined;',
    ']]>',
    '\u0001',
  ),
)
const replies = fc
  .array(fc.tuple(between, digits, digits), { maxLength: 12 })
  .map((parts) => returned(parts.map(([gap, start, length]) => gap + area(start, length)).join('')))

describe('consecutive areas', () => {
  it('are decoded equally, or with the same error, wherever the response is split', () => {
    fc.assert(
      fc.property(replies, fc.array(fc.nat(), { maxLength: 6 }), (text, cuts) => {
        expect(outcome(text, cuts, 'recognized')).toEqual(outcome(text, [], 'parsed'))
      }),
      { numRuns: 3_000 },
    )
  })

  it('in a comment after an area of another form are ignored', () => {
    const text = returned(
      `<changedArea><start>1</start><length>2</length></changedArea ><!-- </changedArea>${area(3, 4)} -->`,
    )
    expect(outcome(text, [], 'recognized')).toHaveLength(2)
  })
})
