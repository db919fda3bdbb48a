// All stories that are told of a daemon.
import { backupStories } from './backup-stories.ts'
import { guestStories } from './guest-stories.ts'
import { networkStories } from './network-stories.ts'
import { powerStories } from './power-stories.ts'
import { snapshotStories } from './snapshot-stories.ts'
import { jobStories } from './job-stories.ts'
import { storageStories } from './storage-stories.ts'
import type { Story } from './story.ts'

export const stories: readonly Story[] = [
  ...powerStories,
  ...guestStories,
  ...snapshotStories,
  ...backupStories,
  ...jobStories,
  ...storageStories,
  ...networkStories,
]
