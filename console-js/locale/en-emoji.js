// The emoji of the picker with their English names, and after the bar more words to find them by.

export const emoji = `
🙂 slight smile|happy friendly
😀 grin|happy smile face
😃 big smile|happy joy face
😄 smiling eyes|happy laugh joy
😁 beaming|grin teeth happy
😆 laughing|haha squint
😅 relieved laugh|sweat phew nervous
😂 tears of joy|laugh lol cry
🤣 rolling on the floor|rofl laugh lol
😊 blush|smile happy thanks
😇 halo|angel innocent
😉 wink|joke
😌 relieved|calm content
😍 heart eyes|love adore
🥰 smiling with hearts|love affection
😘 blowing a kiss|love
😋 yummy|tasty food tongue
😜 winking tongue|joke silly
🤪 zany|crazy silly
🤔 thinking|hmm consider wonder
🤨 raised eyebrow|sceptical doubt
😐 neutral|meh blank
😑 expressionless|blank meh
😶 no mouth|silent quiet
😏 smirk|sly
🙄 rolling eyes|annoyed
😬 grimace|awkward oops
😮 surprised|oh wow
😯 hushed|oh wow
😲 astonished|shocked wow
😳 flushed|embarrassed
🥺 pleading|please puppy
😢 crying|sad tear
😭 sobbing|sad cry
😔 pensive|sad sorry
😕 confused|unsure
🙁 slight frown|sad
😟 worried|concern
😞 disappointed|sad
😓 downcast with sweat|sorry stress
😩 weary|tired
😫 tired|exhausted
😤 steam from nose|frustrated
😠 angry|mad cross
😡 furious|angry rage red
🤯 exploding head|mind blown
😱 screaming|fear shock
😨 fearful|scared
😰 anxious|sweat nervous
😴 sleeping|tired zzz
🤒 thermometer|sick ill fever
🤕 bandage|hurt injured
🤧 sneezing|sick cold
🤗 hug|warm thanks
🤩 star eyes|excited wow
🥳 party|celebrate birthday congratulations
😎 sunglasses|cool
🤓 nerd|glasses clever
🤖 robot|bot automatic
🙃 upside down|silly irony
🤝 handshake|deal agree welcome
👍 thumbs up|yes good ok agree like
👎 thumbs down|no bad dislike
👌 ok hand|okay perfect
✌️ victory|peace two
🤞 crossed fingers|luck hope
👋 wave|hello hi goodbye bye
🙏 folded hands|please thanks thank you pray
👏 clap|applause bravo well done
🙌 raised hands|hooray praise celebrate
💪 strong arm|muscle strength
👀 eyes|look see watching
👉 pointing right|this
👈 pointing left|this
👆 pointing up|above
👇 pointing down|below
☝️ index up|one point attention
✋ raised hand|stop wait high five
🤷 shrug|dunno unknown
🤦 facepalm|oops
🙋 raising hand|question me
💁 information|help desk
🧑‍💻 technologist|developer computer support
🧑‍🔧 mechanic|repair service
🚴 cyclist|bicycle bike ride
❤️ red heart|love
🧡 orange heart|love
💛 yellow heart|love
💚 green heart|love
💙 blue heart|love
💜 purple heart|love
🖤 black heart|love
🤍 white heart|love
💔 broken heart|sad
💯 hundred|perfect score full
✨ sparkles|new shiny magic
⭐ star|favourite rating
🌟 glowing star|great
🔥 fire|hot great
🎉 party popper|celebrate congratulations hooray
🎊 confetti|celebrate party
🎁 gift|present birthday
🎂 birthday cake|celebrate
🎈 balloon|party birthday
🏆 trophy|win prize
🥇 gold medal|first win
🎯 bullseye|target exactly
💡 idea|light bulb tip
📌 pin|note remember
📍 place|location map address
📎 paperclip|attachment file
📄 page|document file
📷 camera|photo picture
🖼️ picture|image photo
📞 telephone|call phone
📱 mobile phone|cell smartphone
💻 laptop|computer
🖥️ screen|computer desktop
🖨️ printer|print
⌨️ keyboard|type
🔋 battery|power charge
🔌 plug|power charger
🔧 wrench|repair fix tool
🔨 hammer|tool build
🛠️ tools|repair fix maintenance
⚙️ gear|settings configuration
🔒 lock|secure private
🔓 unlock|open
🔑 key|password access
🔍 magnifying glass|search find look
🔗 link|chain address
✉️ envelope|mail letter email
📧 e-mail|mail message
📦 parcel|package delivery box order
🚚 lorry|truck delivery shipping
🚗 car|drive
✈️ aeroplane|plane flight travel
🚀 rocket|launch fast ship
🏠 house|home
🏢 office|building company
🏬 shop|store
🛒 shopping trolley|cart basket order
💳 credit card|pay payment
💰 money bag|price refund
💶 euro notes|money pay
🧾 receipt|invoice bill
🏷️ label|tag price
📈 rising chart|growth up
📉 falling chart|down
📊 bar chart|report statistics
📅 calendar|date appointment
⏰ alarm clock|time reminder
⏳ hourglass|wait time
⌛ hourglass done|time over
🕐 one o’clock|time hour
✅ check mark|done yes ok
☑️ ticked box|done list
✔️ tick|yes done ok
❌ cross|no wrong cancel
❎ cross button|no
❗ exclamation mark|important attention
❓ question mark|what ask
⚠️ warning|careful attention
🚫 prohibited|no forbidden
⛔ no entry|stop
🆗 ok button|okay
🆕 new button|new
🔴 red circle|stop
🟠 orange circle|
🟡 yellow circle|
🟢 green circle|go ok
🔵 blue circle|
⬆️ up arrow|
⬇️ down arrow|
➡️ right arrow|next
⬅️ left arrow|back
🔄 arrows in a circle|reload again refresh
🔁 repeat|again loop
➕ plus|add more
➖ minus|less
☀️ sun|weather sunny warm
🌤️ sun behind cloud|weather
☁️ cloud|weather
🌧️ rain|weather wet
❄️ snowflake|cold winter
⚡ lightning|fast power
🌈 rainbow|
🌍 globe|world earth
🌱 seedling|plant green grow
🌸 blossom|flower spring
🌹 rose|flower
💐 bouquet|flowers thanks
🍀 four leaf clover|luck
🐶 dog|pet
🐱 cat|pet
🐛 bug|error insect
☕ coffee|tea break hot drink
🍺 beer|drink
🍷 wine|drink
🍕 pizza|food
🍎 apple|fruit
🍰 cake|sweet
🚲 bicycle|bike
⚽ football|soccer sport
🎵 music note|song sound
🎧 headphones|music sound
🎬 film|video
🔔 bell|notification ring
🔕 bell off|silent mute
💬 speech bubble|message chat
💭 thought bubble|thinking
🗑️ bin|delete trash
📝 note|write memo
✏️ pencil|write edit
📚 books|read manual
🎓 graduation cap|learn
👋🏽 wave, medium skin|hello hi
👍🏽 thumbs up, medium skin|yes good ok
🙏🏽 folded hands, medium skin|please thanks
`;
