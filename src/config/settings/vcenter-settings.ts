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
    help: 'The vCenter: a host, host/sdk or a whole URL, also with user:password. http:// only on this machine, or with --insecure.',
  },
  username: {
    ...optional(text),
    flag: 'username',
    placeholder: 'NAME',
    env: 'VSPHERE_USERNAME',
    govc: 'GOVC_USERNAME',
    vcenter: true,
    help: 'The user to log in as, but with --auth vsphere.',
  },
  password: {
    ...optional({ ...text, secret: true }),
    env: 'VSPHERE_PASSWORD',
    govc: 'GOVC_PASSWORD',
    vcenter: true,
    help: 'The password. No flag: other users of the machine could read it there.',
  },
  passwordFile: {
    ...optional(file),
    flag: 'password-file',
    placeholder: 'FILE',
    env: 'VSPHERE_PASSWORD_FILE',
    vcenter: true,
    help: 'A file that holds the password, instead of VSPHERE_PASSWORD. It is read at each login.',
  },
  caFile: {
    ...optional(file),
    flag: 'ca-file',
    placeholder: 'FILE',
    env: 'VSPHERE_CA_FILE',
    govc: 'GOVC_TLS_CA_CERTS',
    vcenter: true,
    help: 'PEM certificates of authorities to trust beside the usual ones.',
  },
  thumbprint: {
    ...optional({ value: parsed(parseThumbprint), expects: 'a SHA-256 thumbprint, 32 bytes in hexadecimal' }),
    flag: 'thumbprint',
    placeholder: 'SHA256',
    env: 'VSPHERE_THUMBPRINT',
    vcenter: true,
    help: 'The only certificate to trust, by its SHA-256 thumbprint, instead of --ca-file.',
  },
  insecure: {
    ...flagValue,
    flag: 'insecure',
    env: 'VSPHERE_INSECURE',
    govc: 'GOVC_INSECURE',
    vcenter: true,
    help: 'Trust any certificate, instead of --ca-file or --thumbprint.',
  },
  vcenterName: {
    ...optional(text),
    flag: 'vcenter-name',
    placeholder: 'NAME',
    defaultText: "the URL's host, or `simulator`",
    help: 'What the API calls this vCenter.',
  },
  simulator: {
    ...flagValue,
    flag: 'simulator',
    help: 'Serve the embedded simulator, whatever the environment says.',
  },
} as const satisfies Settings
