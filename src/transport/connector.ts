// Opens connections and verifies TLS certificates before any byte of a request is written.
// Every failure here is a TransportError of a request that was never sent. exchange.ts sends the request afterwards.

import { createSecureContext, rootCertificates, TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { parseThumbprint } from './thumbprint.ts'
import { TransportError } from './transport-error.ts'

/** Which certificates are trusted. The first of these that is set applies: `thumbprint`, `insecure`, `ca`. */
export interface TlsTrust {
  /** Certificate authorities in PEM format, trusted in addition to those bundled with Node. */
  readonly ca?: string | undefined
  /** SHA-256 thumbprint of the only trusted certificate. Its chain and its names are then not verified. */
  readonly thumbprint?: string | undefined
  /** Trust any certificate. */
  readonly insecure?: boolean | undefined
}

/**
 * Creates an undici connector that opens connections to `origin` and verifies the certificate according to `trust`.
 * @throws TypeError if the thumbprint is malformed
 */
export function createConnector(
  origin: string,
  trust: TlsTrust,
  connectTimeoutMs: number,
): buildConnector.connector {
  const verifyCertificate = createCertificateVerifier(origin, trust)
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    secureContext: createSecureContext(trust.ca ? { ca: [...rootCertificates, trust.ca] } : {}),
    // The certificate verifier checks `authorized` itself, so that its error can identify the rejected certificate.
    rejectUnauthorized: false,
    // Node does not verify the names of a certificate again when it resumes a TLS session.
    maxCachedSessions: 0,
  })

  return (target, callback) =>
    connect(target, (error, socket) => {
      if (error) return callback(connectFailure(origin, error), null)
      const certificateError = socket instanceof TLSSocket ? verifyCertificate(socket) : undefined
      if (!certificateError) return callback(null, socket)
      socket.destroy()
      callback(certificateError, null)
    })
}

/** Returns the reason to reject the certificate, or undefined if it is trusted. */
type CertificateVerifier = (socket: TLSSocket) => TransportError | undefined

function createCertificateVerifier(origin: string, { thumbprint, insecure }: TlsTrust): CertificateVerifier {
  if (thumbprint !== undefined) {
    const pinned = parseThumbprint(thumbprint)
    if (!pinned) throw new TypeError('a thumbprint must be 32 bytes in hexadecimal, such as AA:BB:..')
    return (socket) => {
      const { fingerprint256 } = socket.getPeerCertificate()
      return fingerprint256 === pinned ? undefined : thumbprintMismatch(origin, fingerprint256, pinned)
    }
  }
  return (socket) => (insecure || socket.authorized ? undefined : untrusted(origin, socket))
}

function thumbprintMismatch(origin: string, presented: string | undefined, pinned: string) {
  return new TransportError('TLS_THUMBPRINT', 'the certificate of the vCenter is not the pinned one', {
    detail: `${origin} presented a certificate with the SHA-256 thumbprint ${presented ?? '(none)'} instead of ${pinned}.`,
  })
}

/** Messages for the most common certificate verification codes of Node. */
const verificationErrors: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is unknown',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
}

function untrusted(origin: string, socket: TLSSocket) {
  const { fingerprint256, subjectaltname } = socket.getPeerCertificate()
  // Typed as an Error, but at run time Node stores the error code here.
  const code = String(socket.authorizationError)
  const names = `it is for other names (${subjectaltname ?? 'none'})`
  const reason = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? names : (verificationErrors[code] ?? code)
  const pin = fingerprint256 ? ` Its SHA-256 thumbprint is ${fingerprint256}.` : ''
  return new TransportError('TLS_UNTRUSTED', 'the certificate of the vCenter is not trusted', {
    detail: `The certificate of ${origin} was rejected: ${reason}.${pin}`,
  })
}

/** Messages for the most common connection error codes of Node and undici. */
const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed during setup',
  EAI_AGAIN: 'the name lookup failed',
  ENOTFOUND: 'unknown host name',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not use TLS; is it an http:// server?',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
}

function connectFailure(origin: string, error: Error & { code?: string }) {
  // OpenSSL's messages are long, and only their code is informative.
  const reason = failures[error.code ?? ''] ?? error.code ?? error.message
  return new TransportError('CONNECT', `could not connect to ${origin}: ${reason}`, { cause: error })
}
