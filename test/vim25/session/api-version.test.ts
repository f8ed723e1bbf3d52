// Tests the choice of the API version from the versions that a server reports.

import { describe, expect, it } from 'vitest'
import { SoapError } from '../../../src/soap/soap-error.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { negotiateVersion } from '../../../src/vim25/session/api-version.ts'
import { connect, errorOf } from '../connect.ts'
import { type ScriptedResponse, scripted } from '../scripted.ts'

const versions = (version: string, prior: readonly string[], name = 'urn:vim25') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<namespaces version="1.0">\n<namespace><name>urn:other</name><version>8.0.3.0</version></namespace>\n` +
  `<namespace>\n <name>${name}</name>\n <version>${version}</version>\n <priorVersions>${prior.map((each) => `\n  <version>${each}</version>`).join('')}\n </priorVersions>\n</namespace>\n</namespaces>`

const negotiate = (...responses: (ScriptedResponse | string)[]) =>
  negotiateVersion(scripted(...responses), '/sdk')

describe('the API version', () => {
  it.each([
    ['an internal id and older ones', 'uA046D008', ['8.0.2.0', '8.0.1.0', '7.0.3.0', '4.0'], '8.0.2.0'],
    ['a server newer than the client', '9.1.0.0', ['9.0.0.0', '8.0.3.0', '8.0.2.0'], '8.0.3.0'],
    ['vcsim', '6.5', ['6.0', '5.5'], '6.5'],
    ['a patch between known ones', '7.0.2.5', ['7.0.2.1', '7.0.1.0', '6.7'], '7.0.1.0'],
    ['an unordered list', '6.7', ['5.0', '7.0.0.0', '6.5'], '7.0.0.0'],
    ['no known version', '4.1', ['4.0'], '6.5'],
  ])('of %s is the newest that both sides support', async (_, version, prior, spoken) => {
    expect(await negotiate(versions(version, prior))).toBe(spoken)
  })

  it('ignores other namespaces', async () => {
    expect(await negotiate(versions('8.0.2.0', [], 'urn:vim'))).toBe('6.5')
    expect(await negotiate('<namespaces/>')).toBe('6.5')
  })

  it.each([401, 403, 404, 405])(
    'is the oldest for a server that does not report it, with status %i',
    async (status) => {
      expect(await negotiate({ status, text: '<html>not here</html>' })).toBe('6.5')
    },
  )

  it.each([500, 502, 503])(
    'is an error, not a guess, when the server is not up yet, with status %i',
    async (status) => {
      const error = await errorOf(negotiate({ status, text: '<html>starting</html>' }))
      expect(error).toBeInstanceOf(TransportError)
      expect(error).toMatchObject({ code: 'STATUS', status })
    },
  )

  it('is an error that names the file when the body cannot be parsed', async () => {
    for (const text of ['<html><body>Welcome<br></body></html>', '', versions('8.0.2.0', []).slice(0, -10)]) {
      const error = await errorOf(negotiate(text))
      expect(error).toBeInstanceOf(SoapError)
      expect(error.message).toContain('vimServiceVersions.xml')
    }
  })

  it.each([200, 404, 503])('stops reading an endless body, with status %i', async (status) => {
    let chunks = 0
    let isReleased = false
    const transport = {
      send: async () => ({
        status,
        headers: {},
        body: (async function* () {
          try {
            for (; chunks < 10_000; chunks += 1) yield Buffer.alloc(16_384, '<a/>')
          } finally {
            isReleased = true
          }
        })(),
      }),
      close: async () => {},
    }
    const outcome = await negotiateVersion(transport, '/sdk').catch((error) => error.name)
    expect(outcome).toBe({ 200: 'SoapError', 404: '6.5', 503: 'TransportError' }[status])
    expect({ isReleased, isShort: chunks < 10 }).toEqual({ isReleased: true, isShort: true })
  })

  it('is an error when the file has too many elements', async () => {
    const error = await errorOf(negotiate(`<namespaces>${'<a/>'.repeat(5_000)}</namespaces>`))
    expect(error).toBeInstanceOf(SoapError)
    expect(error.message).toContain('elements')
  })

  it('is requested next to the SDK path, whatever that is', async () => {
    const transport = scripted(versions('8.0.2.0', []))
    await negotiateVersion(transport, '/proxy/sdk')
    expect(transport.requests).toMatchObject([{ method: 'GET', path: '/proxy/sdk/vimServiceVersions.xml' }])
  })

  it('of the simulator is one that the client supports', async () => {
    const { simulator } = connect()
    expect(await negotiateVersion(simulator.transport(), '/sdk')).toMatch(/^8\.0\./)
  })
})
