// The states of a task.

import { vimEnum } from '../core/vim-enum.ts'

export const TaskState = vimEnum('TaskState', {
  vimType: 'TaskInfoState',
  description: 'The state of a task.',
  values: {
    queued: ['QUEUED', 'The task waits to be started.'],
    running: ['RUNNING', 'The task is running.'],
    success: ['SUCCESS', 'The task succeeded.'],
    error: ['ERROR', 'The task failed or was canceled.'],
  },
})
