// The question of a machine whose datastore is full. Until it is answered, the machine does not run.

import type { Machine } from '../machine.ts'

export const outOfSpace: Machine['question'] = {
  id: '1',
  text: 'There is no more space for virtual disk wiki-01.vmdk. You might be able to continue this session by freeing disk space on the relevant volume, and clicking Retry. Click Cancel to terminate this session.',
  choice: {
    choiceInfo: [
      { key: '0', label: 'button.retry', summary: 'Retry' },
      { key: '1', label: 'button.abort', summary: 'Cancel' },
    ],
    defaultIndex: 0,
  },
  message: [
    { id: 'msg.hbacommon.outofspace', text: 'There is no more space for virtual disk wiki-01.vmdk.' },
  ],
}
