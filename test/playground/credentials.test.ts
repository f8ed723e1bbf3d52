// The credentials of the page: which ones are stored, and which responses mark them as rejected.

import { expect, it } from 'vitest'
import {
  CredentialsStore,
  isSameUser,
  problemOf,
  tokenOf,
} from '../../playground/src/credentials/credentials.ts'

const withToken = (token: string) => ({ token, username: '', password: '', headers: '' })

function createStore() {
  const kept = new Map<string, string>()
  const store = new CredentialsStore({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  })
  return { store, kept }
}

it('credentials are rejected by a response to a request with them', () => {
  const { store } = createStore()
  const [first, second] = [withToken('first'), withToken('second')]
  store.set(first)
  store.setRejection('unknown token', first)
  expect(store.getState()).toEqual({ credentials: first, rejection: 'unknown token' })
  store.set(second)
  expect(store.getState()).toEqual({ credentials: second })
  store.setRejection('unknown token', second)
  store.setRejection(undefined, second)
  expect(store.getState()).toEqual({ credentials: second })
})

it('a late response says nothing about credentials that have replaced those of its request', () => {
  const { store } = createStore()
  const [first, second] = [withToken('first'), withToken('second')]
  store.set(first)
  store.set(second)
  store.setRejection('unknown token', first)
  expect(store.getState()).toEqual({ credentials: second })
  store.setRejection('expired', second)
  store.setRejection(undefined, first)
  expect(store.getState()).toEqual({ credentials: second, rejection: 'expired' })
  store.clear()
  store.setRejection('unknown token', second)
  expect(store.getState().rejection).toBeUndefined()
})

it('cleared credentials are no longer kept', () => {
  const { store, kept } = createStore()
  store.set(withToken('secret'))
  expect([...kept.values()].join()).toContain('secret')
  store.clear()
  expect(kept.size).toBe(0)
  expect(store.getState().credentials.token).toBe('')
})

it.each([
  ['Bearer', withToken('abc'), undefined],
  ['Bearer', withToken('“abc”'), expect.stringContaining('The token has a character')],
  ['Basic', { ...withToken(''), username: 'jürgen–1', password: '“ü”' }, undefined],
  ['Basic', { ...withToken(''), username: 'a:b' }, 'A user name cannot contain a colon.'],
  ['Bearer', { ...withToken('abc'), headers: '{ "x-trace": 1 }' }, 'The header x-trace is not a string.'],
  [
    'Bearer',
    { ...withToken('abc'), headers: '{ "x trace": "1" }' },
    '“x trace” cannot be the name of a header: use letters, digits and hyphens.',
  ],
  ['Bearer', { ...withToken('abc'), headers: '{ "": "1" }' }, expect.stringContaining('“” cannot be')],
  [
    'Bearer',
    { ...withToken('abc'), headers: '{ "x-trace": "“1”" }' },
    expect.stringContaining('The header x-trace has a character'),
  ],
  [
    'Bearer',
    { ...withToken('abc'), headers: '{ "Authorization": "Bearer x" }' },
    'Remove the header Authorization, and enter its token in the field Token.',
  ],
  [
    'Basic',
    { ...withToken(''), username: 'ann', headers: '{ "authorization": "Basic x" }' },
    'Remove the header authorization: it is made of the user name and the password.',
  ],
  [null, { ...withToken(''), headers: '{ "authorization": "Basic x" }' }, undefined],
] as const)('for the scheme %s, what can be sent is known before: %j', (scheme, credentials, problem) => {
  expect(problemOf(credentials, scheme)).toEqual(problem)
})

it.each([
  'abc',
  ' abc\n',
  'Bearer abc',
  'bearer  abc',
  'authorization: Bearer abc',
  'Authorization:Bearer abc',
])('the token of %j is abc', (text) => {
  expect(tokenOf(text)).toBe('abc')
})

it('a token can begin with the name of the scheme', () => {
  expect(['bearerabc', 'Bearer', ''].map(tokenOf)).toEqual(['bearerabc', '', ''])
})

it('other headers are not another user', () => {
  const ann = { token: '', username: 'ann', password: 'one', headers: '' }
  expect(isSameUser(ann, { ...ann, headers: '{}' })).toBe(true)
  for (const other of [{ token: 't' }, { username: 'rob' }, { password: 'two' }])
    expect(isSameUser(ann, { ...ann, ...other })).toBe(false)
})
