// Checks the way to the vCenter: settings, name lookup, TCP, and whether a SOAP endpoint of vSphere answers.

import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { withSignal } from '../../concurrency/timing.ts'
import type { DoctorConfig } from '../../config/doctor-config.ts'
import { SoapError } from '../../soap/soap-error.ts'
import type { Transport } from '../../transport/transport.ts'
import { isWrongServer, TransportError } from '../../transport/transport-error.ts'
import { negotiateVersion } from '../../vim25/session/api-version.ts'
import { serviceInstance } from '../../vim25/session/established-login.ts'
import { createSoapClient } from '../../vim25/session/soap-client.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { type Check, count, type DoctorRun, type Finding } from '../check.ts'
import { codeOf, connectErrorOf, describeFailure } from '../failure.ts'

export const settingsCheck: Check = {
  id: 'settings',
  title: 'Settings',
  async run({ config, account, hint }) {
    const trust = trustOf(config)
    const facts = { trust, passwordFile: account.hasPasswordFile === true, warnings: config.warnings.length }
    const found = [`The settings are valid. ${trustSentences[trust]}`]
    if (config.warnings.length === 0) return { status: 'ok', found, facts }
    for (const warning of config.warnings) hint(`settings: ${warning}`)
    return {
      status: 'problem',
      found: [...found, `${count(config.warnings.length, 'setting')} may be a mistake.`],
      todo: ['Correct the settings that the lines on stderr name.'],
      facts,
    }
  },
}

const trustSentences = {
  simulator: 'The embedded simulator is checked, not a real vCenter.',
  http: 'The connection is not encrypted.',
  insecure: 'The certificate is not verified.',
  thumbprint: 'The certificate is pinned.',
  caFile: 'The certificate is verified, with additional authorities.',
  default: "The certificate is verified with Node's authorities.",
} as const

/** How the certificate is verified. */
export function trustOf({ vcenter }: DoctorConfig): keyof typeof trustSentences {
  if (!vcenter) return 'simulator'
  if (vcenter.origin.startsWith('http:')) return 'http'
  if (vcenter.tls.insecure) return 'insecure'
  if (vcenter.tls.thumbprint !== undefined) return 'thumbprint'
  return vcenter.tls.ca === undefined ? 'default' : 'caFile'
}

/** Returns host and port of the vCenter; undefined for the embedded simulator. */
export function addressOf({
  config: { vcenter },
}: Pick<DoctorRun, 'config'>): { readonly host: string; readonly port: number } | undefined {
  if (!vcenter) return undefined
  const { hostname, port, protocol } = new URL(vcenter.origin)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'http:' ? 80 : 443) }
}

const connectTimeoutMs = 5_000
const maxAddresses = 4

export const networkCheck: Check = {
  id: 'network',
  title: 'Name and connection',
  needs: ['settings'],
  async run(run) {
    const address = addressOf(run)
    if (!address) return { status: 'skipped', found: ['The embedded simulator needs no network.'] }
    const { host, port } = address
    const addresses = await withSignal(lookup(host, { all: true }), run.signal).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error
      return connectErrorOf(error) ?? `the name lookup failed (${codeOf(error)})`
    })
    if (typeof addresses === 'string')
      return {
        status: 'problem',
        found: [`The name lookup failed: ${addresses}.`],
        todo: ['Check the host name in --url (VSPHERE_URL), and the DNS servers of this machine.'],
        stops: true,
      }
    const tried = addresses.slice(0, maxAddresses)
    const failures = await Promise.all(tried.map((each) => tryConnect(each.address, port, run.signal)))
    const accepting = failures.filter((failure) => failure === undefined).length
    const facts = {
      literal: isIP(host) !== 0,
      ipv4: addresses.filter(({ family }) => family === 4).length,
      ipv6: addresses.filter(({ family }) => family === 6).length,
      tried: tried.length,
      accepting,
    }
    const name = facts.literal
      ? 'The URL names an address.'
      : `The name has ${addressCount(addresses.length)}.`
    const sentence = `${accepting} of ${addressCount(tried.length)} accept${accepting === 1 ? 's' : ''} connections`
    const reasons = [...new Set(failures.filter((failure) => failure !== undefined))]
    const because = reasons.length > 0 ? `: ${reasons.join(', ')}` : ''
    const found = [name, `${sentence}${because}.`]
    if (accepting > 0) return { status: 'ok', found, facts }
    return {
      status: 'problem',
      found,
      todo: [
        'Check the host and the port in --url (VSPHERE_URL), that vCenter is running, and that firewalls allow connections from this machine to this port.',
      ],
      facts,
      stops: true,
    }
  },
}

const addressCount = (n: number): string => count(n, 'address', 'addresses')

/** Opens and closes a TCP connection. Returns why it failed; undefined if it succeeded. */
function tryConnect(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    const finish = (failure: string | undefined) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(failure)
    }
    const timer = setTimeout(() => finish('the connection timed out'), connectTimeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => finish(undefined))
    socket.once('error', (error) =>
      finish(connectErrorOf(error) ?? `the connection failed (${codeOf(error) ?? 'unknown code'})`),
    )
  })
}

export const endpointCheck: Check = {
  id: 'endpoint',
  title: 'vSphere endpoint',
  needs: ['network', 'certificate'],
  async run(run) {
    const transport = run.connect()
    try {
      return await readEndpoint(run, transport)
    } catch (error) {
      if (run.signal.aborted) throw error
      const problem = endpointProblem(error, trustOf(run.config) === 'http')
      if (!problem) throw error
      return { status: 'problem', ...problem, stops: true }
    } finally {
      await transport.close()
    }
  },
}

async function readEndpoint(run: DoctorRun, transport: Transport): Promise<Finding> {
  const { path, signal, onCall } = run
  const startedAt = performance.now()
  const apiVersion = await negotiateVersion(transport, path, { signal })
  const client = createSoapClient(transport, { version: apiVersion, path, onCall })
  const content = await client.call('RetrieveServiceContent', serviceInstance, {}, { signal })
  const milliseconds = Math.round(performance.now() - startedAt)
  Object.assign(run, { apiVersion, content })
  return {
    status: 'ok',
    found: ['A SOAP endpoint of vSphere answers.'],
    facts: { defaultPath: path === '/sdk', milliseconds },
  }
}

const pathAdvice =
  'Check --url (VSPHERE_URL): it needs the host and the port of vCenter itself, and no path or the path /sdk.'

const tlsAdvice =
  'The URL begins with http://. If the server uses TLS on this port, as vCenter does on 443, write https://.'

function endpointProblem(error: unknown, isPlain: boolean): Pick<Finding, 'found' | 'todo'> | undefined {
  const found = [`No SOAP endpoint of vSphere answers: ${describeFailure(error)}.`]
  if (error instanceof SoapError || error instanceof VimFaultError) return { found, todo: [pathAdvice] }
  if (!(error instanceof TransportError)) return undefined
  if (isPlain && (error.code === 'CLOSED' || error.status === 400)) return { found, todo: [tlsAdvice] }
  if (isWrongServer(error)) return { found, todo: [pathAdvice] }
  if (error.code === 'STATUS')
    return {
      found,
      todo: [
        'Wait until the services of vCenter have started, and check the proxy in front of it, if there is one.',
      ],
    }
  return { found, todo: ['Check the network, proxies and firewalls between this machine and vCenter.'] }
}
