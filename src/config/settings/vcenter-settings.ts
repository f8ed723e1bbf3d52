// Settings of the vCenter connection and its account.

import { parseThumbprint } from '../../transport/thumbprint.ts'
import { file, flagValue, optional, parsed, type Settings, text } from './setting.ts'

export const vcenterSettings = {
  url: {
    ...optional({ ...text, secret: true }),
    flag: 'url',
    onlyOnce: 'a gateway connects to one vCenter',
    placeholder: 'URL',
    env: 'VSPHERE_URL',
    govc: 'GOVC_URL',
    vcenter: true,
    defaultText: 'the embedded simulator',
    help: 'vCenter address: a host, host/sdk or a full URL, optionally with user:password. http:// requires a loopback address or --insecure.',
  },
  username: {
    ...optional(text),
    flag: 'username',
    placeholder: 'NAME',
    env: 'VSPHERE_USERNAME',
    govc: 'GOVC_USERNAME',
    vcenter: true,
    help: "User name of the gateway's vCenter account. Not used with --auth vsphere.",
  },
  password: {
    ...optional({ ...text, secret: true }),
    env: 'VSPHERE_PASSWORD',
    govc: 'GOVC_PASSWORD',
    vcenter: true,
    help: 'Password of that account. There is no flag, since other users of the machine can see command lines.',
  },
  passwordFile: {
    ...optional(file),
    flag: 'password-file',
    placeholder: 'FILE',
    env: 'VSPHERE_PASSWORD_FILE',
    vcenter: true,
    help: 'File with the password, instead of VSPHERE_PASSWORD. Read at each login.',
  },
  caFile: {
    ...optional(file),
    flag: 'ca-file',
    placeholder: 'FILE',
    env: 'VSPHERE_CA_FILE',
    govc: 'GOVC_TLS_CA_CERTS',
    vcenter: true,
    help: "PEM file with certificate authorities to trust in addition to Node's own.",
  },
  thumbprint: {
    ...optional({ value: parsed(parseThumbprint), expects: 'a SHA-256 thumbprint, 32 bytes in hexadecimal' }),
    flag: 'thumbprint',
    placeholder: 'SHA256',
    env: 'VSPHERE_THUMBPRINT',
    vcenter: true,
    help: 'SHA-256 thumbprint of the only vCenter certificate to trust, instead of --ca-file.',
  },
  insecure: {
    ...flagValue,
    flag: 'insecure',
    env: 'VSPHERE_INSECURE',
    govc: 'GOVC_INSECURE',
    vcenter: true,
    help: 'Trust any vCenter certificate, instead of --ca-file or --thumbprint.',
  },
  vcenterName: {
    ...optional(text),
    flag: 'vcenter-name',
    placeholder: 'NAME',
    defaultText: "the URL's host, or `simulator`",
    help: 'Name of this vCenter in the API.',
  },
  simulator: {
    ...flagValue,
    flag: 'simulator',
    help: 'Serve the embedded simulator, regardless of environment variables.',
  },
} as const satisfies Settings
