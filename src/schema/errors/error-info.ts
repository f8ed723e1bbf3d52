// ErrorInfo: an error as a value of a field, such as the error of a failed task.

import { builder } from '../builder.ts'
import { type ErrorCode, errorCodes, maxCandidates } from './api-error.ts'
import type { ClassifiedError } from './classify-error.ts'
import { mayRepeatChanges } from './retry-safety.ts'

/** The result of `classifyError`. */
interface ErrorInfo extends ClassifiedError {
  /** What to send again, if the operation as a whole must not be: such as `this virtual machine`. @default what failed */
  readonly retryOnly?: string
}

declare module '../builder.ts' {
  interface ObjectTypes {
    ErrorInfo: ErrorInfo
    ErrorCandidate: NonNullable<ClassifiedError['candidates']>[number]
  }
}

const ErrorCodeType = builder.enumType('ErrorCode', {
  description:
    'The error codes in `errors[].extensions.code`. Clients must tolerate codes that are added later.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, description]) => [code, { description }]),
  ) as Record<ErrorCode, { description: string }>,
})

builder.objectType('ErrorCandidate', {
  description: 'One of the objects that match a lookup, of which only one was expected.',
  fields: (t) => ({
    objectId: t.exposeID('id', {
      nullable: false,
      description: 'Global id of the object. A lookup by this id matches no other object.',
    }),
    path: t.exposeString('path', {
      description:
        'Its inventory path, such as `/Frankfurt/vm/web-01`. Null if a folder on the path may not be read.',
    }),
  }),
})

builder.objectType('ErrorInfo', {
  description: 'An error as data, with the main fields of `errors[].extensions`.',
  fields: (t) => ({
    code: t.expose('code', {
      type: ErrorCodeType,
      nullable: false,
      description: 'Stable error code for programs.',
    }),
    message: t.string({
      nullable: false,
      description:
        'Message for people. The message of a vSphere fault is in the language of the vCenter. Source: `localizedMessage` of the fault.',
      // The message of a bug in the gateway must not be exposed.
      resolve: ({ message }) => message ?? 'Internal error of the gateway.',
    }),
    fault: t.string({
      description: 'The vim25 type of the fault behind the error. Null if no fault caused it.',
      resolve: ({ fault }) => fault ?? null,
    }),
    remedy: t.string({
      description: 'How to resolve the error. With AMBIGUOUS it names the objects that match, at most 20.',
      resolve: ({ remedy, candidates, retryable, retryOnly = 'what failed' }, _args, context, info) => {
        const mayRepeat = (retryable || candidates !== undefined) && mayRepeatChanges(context, info)
        if (candidates)
          return `Send ${mayRepeat ? `only ${retryOnly}` : 'the request'} again with the id or the path of one of the candidates: ${candidates.map(({ id, path }) => path ?? id).join(', ')}.`
        if (!mayRepeat) return remedy ?? null
        const otherChanges = `The operation has made other changes, or may make them: do not send it again. Send only ${retryOnly} again, in an operation of its own.`
        return remedy === undefined
          ? otherChanges
          : `${remedy.replace(', then retry the request.', '.')} ${otherChanges}`
      },
    }),
    candidates: t.field({
      type: ['ErrorCandidate'],
      extensions: { length: () => maxCandidates },
      nullable: { list: true, items: false },
      description: 'With AMBIGUOUS: the objects that match, at most 20. Null for other codes.',
      resolve: ({ candidates }) => candidates ?? null,
    }),
    privilege: t.string({
      description:
        'With FORBIDDEN: the missing privilege, such as `VirtualMachine.State.CreateSnapshot`. If several are missing, `remedy` names all of them. Source: `privilegeId` of NoPermission.',
      resolve: ({ privilege }) => privilege ?? null,
    }),
    object: t.string({
      description:
        'With FORBIDDEN: the managed object type and the moid of the object on which the privilege is missing, such as `Folder group-v3`. Source: `object` of NoPermission.',
      resolve: ({ object }) => object ?? null,
    }),
    state: t.string({
      description:
        'With CONFLICT: the state of the object that prevents the operation, such as `poweredOff`. Null if a task or another reason prevents it.',
      resolve: ({ state }) => state ?? null,
    }),
    retryable: t.boolean({
      nullable: false,
      description:
        'Whether the same request may succeed later. In a mutation, false if it has or may have changed something, also by another mutation field: remedy then says what to send again.',
      resolve: ({ retryable = false }, _args, context, info) => retryable && !mayRepeatChanges(context, info),
    }),
  }),
})
