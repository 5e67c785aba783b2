/**
 * The emoji names that messages commonly use. An unknown name stays as it was written.
 */

const NAMES = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 wave 👋 clap 👏 pray 🙏 ok_hand 👌 raised_hands 🙌 handshake 🤝 muscle 💪 point_right 👉 point_left 👈 point_up ☝️ point_down 👇 raised_hand ✋ eyes 👀
smile 😄 slightly_smiling_face 🙂 grinning 😀 joy 😂 wink 😉 blush 😊 thinking_face 🤔 neutral_face 😐 cry 😢 sob 😭 heart ❤️ tada 🎉 sparkles ✨ fire 🔥 star ⭐ rocket 🚀 zap ⚡ boom 💥
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 question ❓ grey_question ❔ exclamation ❗ grey_exclamation ❕ bangbang ‼️ information_source ℹ️ sos 🆘
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_green_square 🟩 large_yellow_square 🟨 large_blue_square 🟦 white_large_square ⬜ black_large_square ⬛
hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ clock1 🕐 clock3 🕒 clock9 🕘 watch ⌚ calendar 📆 date 📅 spiral_calendar_pad 🗓️ sunrise 🌅 sunny ☀️ crescent_moon 🌙
mag 🔍 mag_right 🔎 link 🔗 paperclip 📎 pushpin 📌 round_pushpin 📍 bookmark 🔖 label 🏷️ memo 📝 pencil 📝 pencil2 ✏️ page_facing_up 📄 page_with_curl 📃 clipboard 📋 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ books 📚 book 📖 newspaper 📰 scroll 📜 receipt 🧾 wastebasket 🗑️ inbox_tray 📥 outbox_tray 📤 envelope ✉️ email 📧 incoming_envelope 📨 package 📦 mailbox 📫 speech_balloon 💬 thought_balloon 💭 mega 📣 loudspeaker 📢 bell 🔔 no_bell 🔕
bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 chart 💹 lock 🔒 unlock 🔓 key 🔑 shield 🛡️ scales ⚖️ balance_scale ⚖️ hammer 🔨 wrench 🔧 gear ⚙️ bulb 💡 test_tube 🧪 microscope 🔬 dna 🧬 robot_face 🤖 busts_in_silhouette 👥 bust_in_silhouette 👤 office 🏢 factory 🏭 department_store 🏬 convenience_store 🏪 shopping_trolley 🛒 shopping_bags 🛍️ moneybag 💰 money_with_wings 💸 credit_card 💳 gift 🎁
athletic_shoe 👟 mans_shoe 👞 dress 👗 shirt 👕 jeans 👖 coat 🧥 iphone 📱 phone ☎️ telephone_receiver 📞 headphones 🎧 camera 📷 frame_with_picture 🖼️ tumbler_glass 🥃 apple 🍎 globe_with_meridians 🌐 earth_africa 🌍 world_map 🗺️ triangular_flag_on_post 🚩 checkered_flag 🏁 white_flag 🏳️ trophy 🏆 medal 🏅 seedling 🌱
arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrows_counterclockwise 🔄 repeat 🔁 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ arrow_forward ▶️ black_square_for_stop ⏹️ double_vertical_bar ⏸️ heavy_plus_sign ➕ heavy_minus_sign ➖ small_blue_diamond 🔹 small_orange_diamond 🔸 recycle ♻️ no_good 🙅 one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ new 🆕 ok 🆗 free 🆓 coffee ☕ dart 🎯 jigsaw 🧩 crystal_ball 🔮 construction 🚧 rotating_light 🚨 ear 👂 brain 🧠 compass 🧭
`;

const words = NAMES.trim().split(/\s+/);

/** @type {Map<string, string>} */
const EMOJI = new Map();
for (let index = 0; index < words.length; index += 2) EMOJI.set(words[index], words[index + 1]);

/** @param {string} name without the colons @returns {string|undefined} */
export function emoji(name) {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, ""));
}
