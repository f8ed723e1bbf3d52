// Reads the certificate and private key of the gateway's own listener: `--tls-cert` and `--tls-key`.

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '../config-error.ts'
import { type ReadFile, readText } from '../read-text.ts'
import { Secret } from '../secret.ts'

export interface KeyPairFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface KeyPair {
  /** PEM: the certificate, followed by any intermediate certificates. */
  readonly cert: string
  /** PEM. */
  readonly key: Secret
  /** Validity of the certificate. */
  readonly notBefore: Date
  readonly notAfter: Date
}

/**
 * Reads a key pair that node:tls accepts.
 * @throws ConfigError
 */
export function readKeyPair({ certFile, keyFile }: KeyPairFiles, readFile: ReadFile): KeyPair {
  const cert = readText(certFile, '--tls-cert (TLS_CERT)', readFile)
  const key = readText(keyFile, '--tls-key (TLS_KEY)', readFile)
  const certificateError = pemError({ cert })
  if (certificateError)
    throw new ConfigError(`--tls-cert must contain a PEM certificate${opensslDetail(certificateError)}`)
  const keyError = pemError({ cert, key })
  if (keyError === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') {
    throw new ConfigError('--tls-key is not the key of the certificate in --tls-cert')
  }
  if (keyError) {
    throw new ConfigError(
      `--tls-key must contain a PEM private key without a passphrase${opensslDetail(keyError)}`,
    )
  }
  const { validFrom, validTo } = new X509Certificate(cert)
  return { cert, key: new Secret(key), notBefore: new Date(validFrom), notAfter: new Date(validTo) }
}

/** OpenSSL's error code, for a file that is PEM but invalid. */
const opensslDetail = (code: string): string => (code === 'ERR_OSSL_PEM_NO_START_LINE' ? '' : `: ${code}`)

function pemError(pair: { cert: string; key?: string }): string | undefined {
  try {
    createSecureContext(pair)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}
