// The fields of errors in the document: by location, by path, and through fragments.

import type { GraphQLFormattedError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { locate } from '../../playground/src/results/errors/locate.ts'

const document = `query A { viewer { name } }
query B {
  machines: virtualMachines {
    nodes { ...Facts }
  }
}
fragment Facts on VirtualMachine {
  ... { guest { hostName } }
}`

const at = (error: Partial<GraphQLFormattedError>, operationName = 'B') =>
  locate({ message: '', ...error }, document, operationName)

/** The text that is selected. */
const selected = (location: ReturnType<typeof locate>) =>
  location &&
  document.split('\n')[location.line - 1]?.slice(location.column - 1, location.column - 1 + location.length)

describe('the field of an error', () => {
  it('is at its location', () => {
    expect(selected(at({ locations: [{ line: 3, column: 13 }], path: ['x'] }))).toBe('virtualMachines')
    expect(at({ locations: [{ line: 99, column: 1 }] })).toEqual({ line: 99, column: 1, length: 0 })
  })

  it('is found by its path, through aliases, lists and fragments', () => {
    expect(selected(at({ path: ['machines', 'nodes', 3, 'guest', 'hostName'] }))).toBe('hostName')
    expect(selected(at({ path: ['machines'] }))).toBe('machines')
    expect(selected(at({ path: ['viewer', 'name'] }, 'A'))).toBe('name')
  })

  it('is the last known field of its path', () => {
    expect(selected(at({ path: ['machines', 'nodes', 0, 'unknown'] }))).toBe('nodes')
    expect(at({ path: ['unknown'] })).toBeUndefined()
  })

  it('is not known without path and location, or if the document does not parse', () => {
    expect(at({})).toBeUndefined()
    expect(locate({ message: '', path: ['a'] }, '{', undefined)).toBeUndefined()
  })
})
