// Checks the certificate of the vCenter, and says which setting to use for it. It only opens a TLS connection; no request is sent
// over it. The thumbprint and the names of the certificate are not part of the report: they identify the vCenter.

import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, rootCertificates, type TLSSocket } from 'node:tls'
import type { TlsTrust } from '../../transport/connector.ts'
import { parseThumbprint } from '../../transport/thumbprint.ts'
import { type Check, count, type DoctorRun, type Finding } from '../check.ts'
import { codeOf, connectErrorOf } from '../failure.ts'
import { addressOf, trustOf } from './connection-checks.ts'

const timeoutMs = 10_000
const dayMs = 86_400_000
/** A certificate that expires within this time is a problem already. */
const warnDays = 30

interface Presented {
  readonly certificate: X509Certificate
  /** Whether Node accepts the chain and the names. */
  readonly isAuthorized: boolean
  /** Node's code of the first reason to reject it. */
  readonly code: string
}

export const certificateCheck: Check = {
  id: 'certificate',
  title: 'Certificate',
  needs: ['network'],
  async run(run) {
    const { vcenter } = run.config
    const trust = trustOf(run.config)
    const address = addressOf(run)
    if (!vcenter || !address)
      return { status: 'skipped', found: ['The embedded simulator has no certificate.'] }
    if (trust === 'http')
      return {
        status: 'problem',
        found: ['The connection is not encrypted, so the password can be read on the network.'],
        todo: ['Use https:// in --url (VSPHERE_URL).'],
        facts: { verified: false },
      }
    const presented = await present(address, vcenter.tls, run.signal)
    if (typeof presented === 'string')
      return {
        status: 'problem',
        found: [`No TLS connection: ${presented}.`],
        todo: ['Check the port in --url (VSPHERE_URL), and proxies between this machine and vCenter.'],
        stops: true,
      }
    return judge(presented, vcenter.tls, address.host, run)
  },
}

/** Opens a TLS connection and closes it. Returns why it failed, if it did. */
function present(
  { host, port }: { readonly host: string; readonly port: number },
  { ca }: TlsTrust,
  signal: AbortSignal,
): Promise<Presented | string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
      // Only inspected here. The connections of requests are verified by transport/.
      rejectUnauthorized: false,
    })
    const finish = (result: Presented | string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(result)
    }
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    const timer = setTimeout(() => finish('the connection timed out'), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', (error) =>
      finish(connectErrorOf(error) ?? `the handshake failed (${codeOf(error) ?? 'unknown code'})`),
    )
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate()
      if (!raw) return finish('the server presented no certificate')
      finish({
        certificate: new X509Certificate(raw),
        isAuthorized: socket.authorized,
        // Typed as an Error, but at run time Node stores the error code here.
        code: String(socket.authorizationError ?? ''),
      })
    })
  })
}

/** Why a certificate is not accepted, or will not be. */
const reasons = {
  expired: {
    found: 'It has expired.',
    todo: 'Renew the certificate of vCenter. Until then, pin it with --thumbprint (VSPHERE_THUMBPRINT).',
  },
  notYetValid: {
    found: 'It is not valid yet.',
    todo: 'Compare the clocks of this machine and of vCenter.',
  },
  selfSigned: {
    found: 'It is self-signed.',
    todo: 'Pin it with --thumbprint (VSPHERE_THUMBPRINT), after comparing the value with the one that vCenter shows.',
  },
  unknownAuthority: {
    found: 'Its authority is unknown.',
    todo: 'Set --ca-file (VSPHERE_CA_FILE) to the certificate of the authority, or pin the certificate with --thumbprint (VSPHERE_THUMBPRINT).',
  },
  wrongName: {
    found: 'It is for other names than the host in the URL.',
    todo: 'Use a name of the certificate in --url (VSPHERE_URL), or pin the certificate with --thumbprint (VSPHERE_THUMBPRINT).',
  },
  otherThumbprint: {
    found: 'It is not the pinned one.',
    todo: 'If the certificate of vCenter was renewed, set --thumbprint (VSPHERE_THUMBPRINT) to the new value. Otherwise something else answers in its place.',
  },
  notVerified: {
    found: 'It is not verified, so another server could receive the password.',
    todo: 'Replace --insecure by --thumbprint (VSPHERE_THUMBPRINT) or --ca-file (VSPHERE_CA_FILE).',
  },
  expiresSoon: {
    found: `It expires within ${warnDays} days.`,
    todo: 'Renew the certificate of vCenter, and then the pinned thumbprint, if it is pinned.',
  },
} as const

type Reason = keyof typeof reasons

function judge(presented: Presented, trust: TlsTrust, host: string, run: DoctorRun): Finding {
  const { certificate } = presented
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / dayMs)
  const found = reasonsOf(presented, trust, host)
  const isRejected = found.some((reason) => !['notVerified', 'expiresSoon'].includes(reason))
  const facts = {
    verified: !isRejected && !trust.insecure,
    pinned: trust.thumbprint !== undefined,
    selfSigned: isSelfSigned(certificate),
    daysUntilExpiry: days,
    reasons: found,
  }
  if (found.length === 0) {
    const how = facts.pinned ? 'It is the pinned one' : 'It is verified'
    return { status: 'ok', found: [`${how}, and expires in ${count(days, 'day')}.`], facts }
  }
  hintValues(certificate, found, run)
  return {
    status: 'problem',
    found: found.map((reason) => reasons[reason].found),
    todo: [
      ...found.map((reason) => reasons[reason].todo),
      'The values for these settings are on stderr, because they identify the vCenter.',
    ],
    facts,
    stops: isRejected,
  }
}

function reasonsOf({ certificate, isAuthorized, code }: Presented, trust: TlsTrust, host: string): Reason[] {
  const found: Reason[] = []
  const [from, to, now] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo), Date.now()]
  const addSoon = () => {
    if (to >= now && to - now < warnDays * dayMs) found.push('expiresSoon')
    return found
  }
  if (trust.thumbprint !== undefined) {
    if (certificate.fingerprint256 !== parseThumbprint(trust.thumbprint)) found.push('otherThumbprint')
    return addSoon()
  }
  if (trust.insecure) {
    found.push('notVerified')
    return addSoon()
  }
  if (isAuthorized) return addSoon()
  if (to < now) found.push('expired')
  if (from > now) found.push('notYetValid')
  // Node reports one reason only, and the chain before the names.
  if (!['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'].includes(code))
    found.push(isSelfSigned(certificate) ? 'selfSigned' : 'unknownAuthority')
  const matches = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)
  if (matches === undefined) found.push('wrongName')
  return found.length > 0 ? addSoon() : ['unknownAuthority']
}

const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey)

/** Prints the values for the settings. */
function hintValues(certificate: X509Certificate, found: readonly Reason[], run: DoctorRun): void {
  if (found.includes('wrongName'))
    run.hint(`certificate: it is for these names: ${certificate.subjectAltName ?? 'none'}`)
  if (found.includes('unknownAuthority'))
    run.hint(
      `certificate: a vCenter offers the certificates of its own authority at ${run.config.vcenter?.origin}/certs/download.zip`,
    )
  run.hint(
    `certificate: to pin the presented certificate, compare this value with the one that vCenter shows: --thumbprint ${certificate.fingerprint256}`,
  )
}
