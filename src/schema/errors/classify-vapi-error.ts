// The error codes and remedies of failed vAPI calls.

import type { VapiError, VapiErrorCode } from '../../vapi/vapi-error.ts'
import type { ErrorCode, ErrorDetails } from './api-error.ts'

type Rule = { readonly code: ErrorCode } & ErrorDetails

const rules: Readonly<Record<VapiErrorCode, Rule>> = {
  ABSENT: {
    code: 'VCENTER_UNAVAILABLE',
    remedy:
      'The server has no tags, or a proxy does not forward /api and /rest. Leave out the fields and filters of tags, or let the proxy forward these paths.',
  },
  LOGIN_REJECTED: {
    code: 'VCENTER_UNAVAILABLE',
    remedy:
      'Let the account of the gateway (with --auth vsphere, your own) log in to the vAPI of the vCenter. The gateway does not retry this password.',
  },
  TOO_MANY_SESSIONS: {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy:
      'Other clients with this account leave sessions behind. Let them log out, or give the gateway an account of its own.',
  },
  UNAUTHENTICATED: {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy: 'The vAPI session ended twice in a row. Retry the request.',
  },
  FORBIDDEN: {
    code: 'FORBIDDEN',
    remedy:
      'Grant the account that made the call the privileges of tagging (InventoryService.Tagging.AttachTag on the tag, InventoryService.Tagging.ObjectAttachable and System.Read on the object).',
  },
  NOT_FOUND: {
    code: 'NOT_FOUND',
    remedy: 'It was removed, or the account lacks the privilege to read it. Look it up again.',
  },
  REJECTED: { code: 'BAD_USER_INPUT', remedy: 'The message of the vCenter gives the reason.' },
  UNAVAILABLE: {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy:
      'Check that the vAPI endpoint service of the vCenter is running, then retry the request. Only tags need it.',
  },
  INVALID_RESPONSE: {
    code: 'VSPHERE_FAULT',
    retryable: true,
    remedy:
      'The response was discarded. Retry the request; if the error persists, check whether a proxy responds in place of the vCenter.',
  },
}

export const classifyVapiError = ({ code }: VapiError): Rule => rules[code]
