"""The commands, one file each: options in, a result out; what they do stands in the other rooms."""
