// What the deadman in a guest runs when the lease ends: it needs neither the agent nor anything of us.
import { thawAllMounts } from '../../guest/mounts.ts'

/**
 * Everything that the agent may have frozen goes on: all file systems on devices, the last mounted first. Thawing what is
 * not frozen is no error. Then the guest's own hook is told, as the agent would have done: what it holds back for the
 * freeze must go on, too. No here-documents: some shells keep them in /tmp, which may stand still.
 */
export const guestThawScript = `${thawAllMounts}hook=
for entry in /proc/[0-9]*; do
  name=
  read -r name 2>/dev/null <"$entry/comm" || continue
  [ "$name" = qemu-ga ] || continue
  for word in $(tr '\\0' '\\n' <"$entry/cmdline"); do
    case $word in
      --fsfreeze-hook=*) hook=\${word#*=} ;;
      -F?*) hook=\${word#-F} ;;
      -F|--fsfreeze-hook) hook=/etc/qemu/fsfreeze-hook ;;
    esac
  done
done
[ -n "$hook" ] || [ ! -r /etc/qemu/qemu-ga.conf ] || hook=$(sed -n 's/^ *fsfreeze-hook *= *//p' /etc/qemu/qemu-ga.conf)
if [ -n "$hook" ] && [ -x "$hook" ]; then "$hook" thaw || code=2; fi
exit $code
`
